package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.internal.ProcessMark;
import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavingTest {
  @TempDir Path folder;

  @Test
  void aModelCanBeSavedOverTheFileItIsMappedFrom() throws IOException {
    Path path = RealModels.OCR_CLASSIFICATION.copyTo(folder.resolve("m.onnx"));
    OnnxModel model = OnnxModel.load(path);

    model.withMetadata("note", "changed").save(path);

    assertEquals("changed", OnnxModel.load(path).metadata().get("note"));
    assertEquals(
        OnnxModel.load(RealModels.OCR_CLASSIFICATION.path()).digest(),
        model.digest(),
        "the model loaded before still sees the old bytes");
    assertEquals(List.of("m.onnx"), names());
  }

  @Test
  void afterAFailureNothingIsLeftAndTheOldFilesAreUntouched() throws IOException {
    Path path = folder.resolve("m.onnx");
    SmallModels.perceptron(32, 64, 8, 1).save(path, SaveOptions.externalData());
    byte[] model = Files.readAllBytes(path);
    byte[] data = Files.readAllBytes(folder.resolve("m.onnx.data"));
    Path inTheWay = Files.createDirectories(folder.resolve("n.onnx/child"));

    InfercException e =
        assertThrows(
            InfercException.class,
            () -> SmallModels.perceptron(32, 64, 8, 2).save(inTheWay.getParent()));

    assertTrue(e.problem().contains("n.onnx"), e.problem());
    assertArrayEquals(model, Files.readAllBytes(path));
    assertArrayEquals(data, Files.readAllBytes(folder.resolve("m.onnx.data")));
    assertEquals(List.of("m.onnx", "m.onnx.data", "n.onnx"), names());
  }

  @Test
  void ifTheDataCannotBePlacedTheOldModelStays() throws IOException {
    Path path = folder.resolve("m.onnx");
    SmallModels.addConstant(4).save(path);
    byte[] before = Files.readAllBytes(path);
    Path data = folder.resolve("m.onnx.data");
    FileDrafts drafts = new FileDrafts();
    try (drafts) {
      Files.writeString(drafts.create(data), "data");
      Path lost = drafts.create(path);
      Files.delete(lost);

      assertThrows(IOException.class, drafts::publish);
    }

    assertArrayEquals(before, Files.readAllBytes(path));
    assertEquals(List.of("m.onnx"), names());
  }

  @Test
  void ifTheSecondOfTwoFilesCannotBePlacedTheFirstIsPutBack() throws IOException {
    Path one = Files.writeString(folder.resolve("one"), "old one");
    Path two = Files.writeString(folder.resolve("two"), "old two");
    try (FileDrafts drafts = new FileDrafts()) {
      Files.writeString(drafts.create(one), "new one");
      Files.delete(drafts.create(two));

      assertThrows(IOException.class, drafts::publish);
    }

    assertEquals("old one", Files.readString(one));
    assertEquals("old two", Files.readString(two));
    assertEquals(List.of("one", "two"), names());
  }

  @Test
  void weightsThatTheOldModelUsesStayUntilTheNewModelIsThere() throws IOException {
    Path path = folder.resolve("m.onnx");
    OnnxModel one = SmallModels.perceptron(32, 64, 8, 1);
    OnnxModel two = SmallModels.perceptron(32, 64, 8, 2);
    one.save(path, SaveOptions.externalData());
    byte[] graph = Files.readAllBytes(path);
    byte[] weights = Files.readAllBytes(folder.resolve("m.onnx.data"));
    two.save(path, SaveOptions.externalData());
    assertEquals(2, names().size(), names().toString());
    assertEquals(two.digest(), OnnxModel.load(path).digest());
    // As if the process had died before the graph was moved: the old one must be whole.
    String data = names().stream().filter(n -> n.endsWith(".data")).findFirst().orElseThrow();
    assertFalse(data.equals("m.onnx.data"), "the weights in use were replaced");
    Files.write(path, graph);
    Files.write(folder.resolve("m.onnx.data"), weights);
    assertEquals(one.digest(), OnnxModel.load(path).digest());
    Path orphan = folder.resolve(data);
    Files.setLastModifiedTime(orphan, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
    two.save(path, SaveOptions.externalData());
    assertEquals(2, names().size(), names().toString());
    assertEquals(two.digest(), OnnxModel.load(path).digest());
  }

  @Test
  void draftsOfDeadProcessesAreDeletedByTheNextToSave() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    String mark = ProcessMark.own();
    String dead = "p" + process.pid() + mark.substring(mark.indexOf('t'));
    Files.writeString(folder.resolve(".inferc-draft-" + dead + "-1"), "half");
    Files.writeString(folder.resolve(".inferc-draft-" + mark + "-2"), "being written");
    SmallModels.addConstant(4).save(folder.resolve("m.onnx"));
    assertEquals(List.of(".inferc-draft-" + mark + "-2", "m.onnx"), names());
  }

  @Test
  void missingFoldersAreMade() {
    Path path = folder.resolve("a/b/m.onnx");

    SmallModels.addConstant(4).save(path);

    assertEquals(SmallModels.addConstant(4), OnnxModel.load(path));
  }

  @Test
  void aFileWhereAFolderShouldBeIsRefusedClearly() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");

    InfercException e =
        assertThrows(
            InfercException.class, () -> SmallModels.addConstant(4).save(file.resolve("m.onnx")));

    assertFalse(e.remedy().isBlank());
  }

  @Test
  void theDigestSeesEveryWeightAndEveryNode() {
    OnnxModel model = SmallModels.perceptron(4, 8, 2, 1);
    Graph graph = model.graph();
    Initializer w1 = graph.initializer("w1").orElseThrow();
    float[] values = w1.floats();
    values[31] = Math.nextUp(values[31]);
    Node relu = graph.nodes().get(1);

    String otherWeight =
        model
            .withGraph(graph.edit().putInitializer(Initializer.floats("w1", values, 4, 8)).build())
            .digest();
    String otherNode =
        model
            .withGraph(graph.edit().replace(relu, relu.toBuilder().opType("Tanh").build()).build())
            .digest();

    assertEquals(model.digest(), SmallModels.perceptron(4, 8, 2, 1).digest());
    assertNotEquals(model.digest(), otherWeight);
    assertNotEquals(model.digest(), otherNode);
    assertTrue(model.digest().matches("[0-9a-f]{64}"), model.digest());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}

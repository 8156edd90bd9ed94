package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataTest {
  @TempDir Path folder;

  @Test
  void weightsComeBackFromTheFileBesideTheModel() {
    OnnxModel model = SmallModels.perceptron(32, 64, 8, 3);
    Path path = folder.resolve("m.onnx");

    model.save(path, SaveOptions.externalData());
    OnnxModel loaded = OnnxModel.load(path);

    assertTrue(Files.exists(folder.resolve("m.onnx.data")));
    assertTrue(weight(loaded, "w1").externalData().isPresent());
    assertFalse(weight(loaded, "b2").externalData().isPresent(), "32 bytes stay inside");
    assertArrayEquals(weight(model, "w1").floats(), weight(loaded, "w1").floats());
    assertArrayEquals(weight(model, "w2").floats(), weight(loaded, "w2").floats());
    assertEquals(model.digest(), loaded.digest());
    assertEquals(List.of(), loaded.check());
  }

  @Test
  void everyExternalTensorStartsOnAPage() {
    Path path = folder.resolve("m.onnx");
    SmallModels.perceptron(33, 65, 17, 3).save(path, new SaveOptions(true, 0));

    for (Initializer i : OnnxModel.load(path).graph().initializers()) {
      ExternalData data = i.externalData().orElseThrow();
      assertEquals(0, data.offset() % 4096, i.name());
      assertEquals(i.byteSize(), data.length().orElseThrow());
      assertEquals("m.onnx.data", data.location());
    }
  }

  @Test
  void savingInsideAgainGivesTheOriginalBytes() throws IOException {
    Path original = folder.resolve("original.onnx");
    SmallModels.perceptron(32, 64, 8, 3).save(original);
    Path outside = folder.resolve("outside.onnx");
    Path inside = folder.resolve("inside.onnx");

    OnnxModel.load(original).save(outside, SaveOptions.externalData());
    OnnxModel.load(outside).save(inside);

    assertEquals(-1, Files.mismatch(original, inside));
    assertNotEquals(-1, Files.mismatch(original, outside));
  }

  @ParameterizedTest
  @EnumSource(
      value = RealModels.class,
      names = {"MINILM_QUANTIZED", "OCR_CLASSIFICATION"})
  void aRealModelHasOneDigestWhereverItsWeightsLie(RealModels real) {
    OnnxModel model = OnnxModel.load(real.path());
    Path path = folder.resolve("m.onnx");

    model.save(path, SaveOptions.externalData());

    assertEquals(model.digest(), OnnxModel.load(path).digest());
  }

  @Test
  void aModelWithExternalDataSavedToAnotherFolderTakesTheDataAlong() throws IOException {
    Path path = folder.resolve("m.onnx");
    OnnxModel model = SmallModels.perceptron(32, 64, 8, 3);
    model.save(path, SaveOptions.externalData());
    Path other = folder.resolve("other/folder/n.onnx");

    OnnxModel.load(path).save(other, SaveOptions.externalData());
    Files.delete(path);
    Files.delete(folder.resolve("m.onnx.data"));

    assertEquals(model.digest(), OnnxModel.load(other).digest());
  }

  @Test
  void savingOverAModelThatIsMappedKeepsBothUsable() {
    Path path = folder.resolve("m.onnx");
    SmallModels.perceptron(32, 64, 8, 3).save(path, SaveOptions.externalData());
    OnnxModel first = OnnxModel.load(path);
    float[] before = weight(first, "w1").floats();

    OnnxModel other = SmallModels.perceptron(32, 64, 8, 4);
    other.save(path, SaveOptions.externalData());

    assertArrayEquals(before, weight(first, "w1").floats());
    assertArrayEquals(weight(other, "w1").floats(), weight(OnnxModel.load(path), "w1").floats());
    first.save(path, SaveOptions.externalData());
    assertArrayEquals(before, weight(OnnxModel.load(path), "w1").floats());
  }

  @Test
  void aMissingDataFileIsRefusedByNameWhenTheModelIsLoaded() throws IOException {
    Path path = saved();
    Files.delete(folder.resolve("m.onnx.data"));

    ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxModel.load(path));

    assertTrue(e.problem().contains("m.onnx.data"), e.problem());
    assertTrue(e.problem().contains("no such file"), e.problem());
    assertFalse(e.problems().isEmpty());
    assertTrue(OnnxModel.loadUnchecked(path).check().size() >= 1);
  }

  @Test
  void aDataFileThatIsTooShortIsRefusedWithBothSizes() throws IOException {
    Path path = saved();
    Path data = folder.resolve("m.onnx.data");
    byte[] whole = Files.readAllBytes(data);
    Files.write(data, Arrays.copyOf(whole, whole.length - 1));

    ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxModel.load(path));

    assertTrue(e.problem().contains("ends at " + (whole.length - 1)), e.problem());
  }

  @Test
  void anOffsetBeyondTheEndIsRefused() throws IOException {
    Path path = modelWithLocation("w.bin", "9000000000", "16");
    Files.write(folder.resolve("w.bin"), new byte[16]);

    assertThrows(ModelFormatException.class, () -> OnnxModel.load(path));
  }

  @Test
  void anOffsetNearTheLargestNumberDoesNotOverflow() throws IOException {
    Path path = modelWithLocation("w.bin", Long.toString(Long.MAX_VALUE - 3), "16");
    Files.write(folder.resolve("w.bin"), new byte[16]);

    assertThrows(ModelFormatException.class, () -> OnnxModel.load(path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "../secret.bin",
        "sub/../../secret.bin",
        "..\\secret.bin",
        "C:\\secret.bin",
        "C:secret.bin",
        "\\\\server\\share\\secret.bin",
        "..",
        "",
        "w\0.bin"
      })
  void aLocationOutsideTheModelsFolderIsRefused(String location) throws IOException {
    Files.write(folder.resolve("secret.bin"), new byte[16]);
    Path inner = Files.createDirectories(folder.resolve("inner"));
    Path path = modelWithLocation(location, "0", "16");
    Path moved = Files.move(path, inner.resolve("m.onnx"));

    ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxModel.load(moved));

    assertFalse(e.problems().isEmpty());
    Initializer unchecked = OnnxModel.loadUnchecked(moved).graph().initializer("w").orElseThrow();
    assertThrows(ModelFormatException.class, unchecked::bytes);
  }

  @Test
  void aLinkOutOfTheModelsFolderIsRefused() throws IOException {
    Path secret = Files.write(folder.resolve("secret.bin"), new byte[16]);
    Path inner = Files.createDirectories(folder.resolve("inner"));
    Files.createSymbolicLink(inner.resolve("w.bin"), secret);
    Path path = Files.move(modelWithLocation("w.bin", "0", "16"), inner.resolve("m.onnx"));

    ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxModel.load(path));

    assertTrue(e.problem().contains("link"), e.problem());
  }

  @Test
  void aLinkedFolderOnTheWayOutIsRefusedToo() throws IOException {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.write(outside.resolve("w.bin"), new byte[16]);
    Path inner = Files.createDirectories(folder.resolve("inner"));
    Files.createSymbolicLink(inner.resolve("sub"), outside);
    Path path = Files.move(modelWithLocation("sub/w.bin", "0", "16"), inner.resolve("m.onnx"));

    assertThrows(ModelFormatException.class, () -> OnnxModel.load(path));
  }

  @Test
  void modelAndDataThatAreLinksIntoOneStoreAreAccepted() throws IOException {
    Path store = Files.createDirectories(folder.resolve("blobs"));
    Path model = Files.move(modelWithLocation("w.bin", "0", "16"), store.resolve("a1b2"));
    Path data = Files.write(store.resolve("c3d4"), new byte[16]);
    Path snapshot = Files.createDirectories(folder.resolve("snapshot"));
    Files.createSymbolicLink(snapshot.resolve("m.onnx"), model);
    Files.createSymbolicLink(snapshot.resolve("w.bin"), data);

    OnnxModel loaded = OnnxModel.load(snapshot.resolve("m.onnx"));

    assertArrayEquals(new float[4], weight(loaded, "w").floats());
  }

  @Test
  void dataInASubfolderOfTheModelIsAccepted() throws IOException {
    Path path = modelWithLocation("weights/w.bin", "0", "16");
    Files.createDirectories(folder.resolve("weights"));
    Files.write(folder.resolve("weights/w.bin"), new byte[16]);

    assertArrayEquals(new float[4], weight(OnnxModel.load(path), "w").floats());
  }

  @Test
  void withoutALengthTheShapeSaysHowMuchToRead() throws IOException {
    Path path = modelWithLocation("w.bin", "4", null);
    ByteBuffer data = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    data.putFloat(9).putFloat(1).putFloat(2).putFloat(3).putFloat(4);
    Files.write(folder.resolve("w.bin"), data.array());

    assertArrayEquals(new float[] {1, 2, 3, 4}, weight(OnnxModel.load(path), "w").floats());
  }

  @Test
  void aLengthThatDoesNotFitTheShapeIsRefused() throws IOException {
    Path path = modelWithLocation("w.bin", "0", "12");
    Files.write(folder.resolve("w.bin"), new byte[16]);

    ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxModel.load(path));

    assertTrue(e.problem().contains("external_data length"), e.problem());
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "many", "", "99999999999999999999"})
  void anOffsetThatIsNoNumberIsRefused(String offset) throws IOException {
    Path path = modelWithLocation("w.bin", offset, "16");
    Files.write(folder.resolve("w.bin"), new byte[16]);

    assertThrows(ModelFormatException.class, () -> OnnxModel.load(path));
  }

  @Test
  void aModelInMemoryCannotHaveExternalData() throws IOException {
    byte[] bytes = Files.readAllBytes(saved());

    ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxModel.read(bytes));

    assertTrue(e.problem().contains("read from memory"), e.problem());
  }

  @Test
  void aConstantMovedToAnotherModelStillFindsItsData() {
    SmallModels.perceptron(32, 64, 8, 3).save(folder.resolve("a.onnx"), SaveOptions.externalData());
    OnnxModel a = OnnxModel.load(folder.resolve("a.onnx"));
    Path elsewhere = folder.resolve("elsewhere/b.onnx");
    SmallModels.perceptron(32, 64, 8, 4).save(elsewhere, SaveOptions.externalData());
    OnnxModel b = OnnxModel.load(elsewhere);

    OnnxModel mixed = b.withGraph(b.graph().edit().putInitializer(weight(a, "w1")).build());
    OnnxModel back = OnnxModel.read(mixed.toBytes());
    Path saved = folder.resolve("mixed/m.onnx");
    mixed.save(saved, SaveOptions.externalData());

    assertArrayEquals(weight(a, "w1").floats(), weight(back, "w1").floats());
    assertArrayEquals(weight(b, "w2").floats(), weight(back, "w2").floats());
    assertEquals(mixed.digest(), OnnxModel.load(saved).digest());
  }

  private Path saved() {
    Path path = folder.resolve("m.onnx");
    SmallModels.perceptron(32, 64, 8, 3).save(path, SaveOptions.externalData());
    return path;
  }

  /** A model whose constant of four floats lies wherever the test says. */
  private Path modelWithLocation(String location, String offset, String length) throws IOException {
    OnnxModel base = SmallModels.addConstant(4);
    TensorProto.Builder w =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(DataType.FLOAT32.onnxCode())
            .addDims(4)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(Entries.entry("location", location))
            .addExternalData(Entries.entry("offset", offset));
    if (length != null) {
      w.addExternalData(Entries.entry("length", length));
    }
    ModelProto.Builder model = base.toProto().toBuilder();
    model.getGraphBuilder().addInitializer(w);
    return Files.write(folder.resolve("m.onnx"), model.build().toByteArray());
  }

  private static Initializer weight(OnnxModel model, String name) {
    return model.graph().initializer(name).orElseThrow();
  }

  @Test
  void weightsThatWereWrittenToSinceTheModelWasLoadedAreRefused() throws IOException {
    Path path = folder.resolve("m.onnx");
    SmallModels.perceptron(32, 64, 8, 1).save(path, SaveOptions.externalData());
    Path data = folder.resolve("m.onnx.data");
    OnnxModel model = OnnxModel.load(path);
    model.digest();
    try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
      channel.truncate(100);
    }
    ModelFormatException e = assertThrows(ModelFormatException.class, model::digest);
    assertTrue(e.getMessage().contains("m.onnx.data"), e.getMessage());
    assertTrue(e.remedy().contains("Load the model again"), e.remedy());
    assertThrows(ModelFormatException.class, () -> model.save(folder.resolve("n.onnx")));
  }

  @Test
  void aModelThatWasWrittenToSinceItWasLoadedIsRefused() throws IOException {
    Path path = folder.resolve("m.onnx");
    SmallModels.perceptron(32, 64, 8, 1).save(path);
    OnnxModel model = OnnxModel.load(path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(0);
    }
    ModelFormatException e = assertThrows(ModelFormatException.class, model::digest);
    assertTrue(e.getMessage().contains("has 0 of"), e.getMessage());
  }

  @Test
  void aModelThatWasReplacedByAnotherFileIsReadAsItWas() throws IOException {
    Path path = folder.resolve("m.onnx");
    SmallModels.perceptron(32, 64, 8, 1).save(path, SaveOptions.externalData());
    OnnxModel model = OnnxModel.load(path);
    String digest = model.digest();
    Path data = folder.resolve("m.onnx.data");
    Path other = Files.writeString(folder.resolve("other"), "shorter");
    Files.move(other, data, StandardCopyOption.REPLACE_EXISTING);
    assertEquals(digest, model.digest());
    Files.delete(data);
    assertEquals(digest, model.digest());
  }

  @Test
  void pipesAndDevicesAreRefusedBeforeTheyAreOpened() throws Exception {
    Path path = folder.resolve("m.onnx");
    SmallModels.perceptron(32, 64, 8, 1).save(path, SaveOptions.externalData());
    Path data = folder.resolve("m.onnx.data");
    Files.delete(data);
    Process made = new ProcessBuilder("mkfifo", data.toString()).start();
    Assumptions.assumeTrue(made.waitFor() == 0, "this system has no pipes with names");
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          ModelFormatException e =
              assertThrows(ModelFormatException.class, () -> OnnxModel.load(path));
          assertTrue(e.getMessage().contains("it is a pipe"), e.getMessage());
          e = assertThrows(ModelFormatException.class, () -> OnnxModel.load(data));
          assertTrue(e.getMessage().contains("it is a pipe"), e.getMessage());
        });
    Path device = Path.of("/dev/zero");
    if (Files.exists(device)) {
      assertThrows(ModelFormatException.class, () -> OnnxModel.load(device));
    }
  }
}

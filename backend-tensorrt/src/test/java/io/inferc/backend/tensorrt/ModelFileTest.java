package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Graph;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.SaveOptions;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ContractModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
  private static final int OPSET = 17;

  @TempDir Path folder;

  private List<String> shapesRead(OnnxModel model) {
    try (ModelSource source = ModelSource.of(model)) {
      ModelFile file = ModelFile.of(source, folder);
      assertTrue(file.whole());
      return OnnxModel.load(file.path()).graph().inputs().stream()
          .map(i -> i.name() + " " + i.tensor().orElseThrow().shape())
          .toList();
    }
  }

  @Test
  void sizesCalledByAQuestionMarkGetNamesOfTheirOwn() throws Exception {
    OnnxModel model = ContractModels.questionMarks();
    Path original = folder.resolve("original.onnx");
    model.save(original);
    byte[] before = Files.readAllBytes(original);
    assertEquals(List.of("x [x.0, x.1]"), shapesRead(model));
    try (ModelSource source = ModelSource.of(original)) {
      assertFalse(ModelFile.of(source, folder).path().equals(original));
    }
    assertArrayEquals(before, Files.readAllBytes(original));
  }

  @Test
  void inputsKeepTheirOrderAndTheNamesThatTheyHave() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("two")
                .input(TensorSpec.of("a", DataType.FLOAT32, "b.0, 4"))
                .input(TensorSpec.of("b", DataType.FLOAT32, "?, 4"))
                .input(TensorSpec.of("c", DataType.FLOAT32, "b.0, 4"))
                .node(Node.of("Sum", List.of("a", "b", "c"), List.of("y")))
                .output(TensorSpec.of("y", DataType.FLOAT32, "b.0, 4"))
                .build(),
            OPSET);
    assertEquals(List.of("a [b.0, 4]", "b [b.0_, 4]", "c [b.0, 4]"), shapesRead(model));
  }

  @Test
  void aModelWhoseSizesAreNamedIsReadWhereItLies() {
    Path file = folder.resolve("dense.onnx");
    ContractModels.dense().save(file);
    try (ModelSource source = ModelSource.of(file)) {
      assertEquals(new ModelFile(file.toAbsolutePath(), true), ModelFile.of(source, folder));
    }
  }

  @Test
  void weightsBesideTheModelAreReadFromACopyThatNobodyElseWritesTo() {
    Path file = folder.resolve("dense.onnx");
    ContractModels.dense().save(file, new SaveOptions(true, 0));
    assertTrue(Files.exists(folder.resolve("dense.onnx.data")));
    try (ModelSource source = ModelSource.of(file)) {
      ModelFile read = ModelFile.of(source, folder);
      assertFalse(read.whole());
      assertFalse(read.path().startsWith(folder), () -> "" + read);
      assertEquals(OnnxModel.load(file).digest(), OnnxModel.load(read.path()).digest());
    }
  }
}

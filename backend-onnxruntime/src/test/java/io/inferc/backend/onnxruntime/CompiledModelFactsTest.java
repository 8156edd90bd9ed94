package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.Precision;
import io.inferc.common.ResourceClosedException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.OptimizationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ModelMemory;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a compiled model tells of itself. */
class CompiledModelFactsTest {
  /** Two products of 16·32 and 32·4 weights with biases. */
  private static final OnnxModel PERCEPTRON = SmallModels.perceptron(16, 32, 4, 1);

  @TempDir Path folder;

  private static OnnxModel convolution() {
    return OnnxModel.of(
        Graph.builder("images")
            .input(TensorSpec.of("x", DataType.FLOAT32, 1, 2, 4, 4))
            .initializer(Initializer.floats("w", new float[3 * 2 * 3 * 3], 3, 2, 3, 3))
            .node(Node.of("Conv", List.of("x", "w"), List.of("y")))
            .output(TensorSpec.of("y", DataType.FLOAT32, 1, 3, 2, 2))
            .build(),
        17);
  }

  private static CompiledModel compile(OnnxModel model, Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build().compile(model);
  }

  @Test
  void itKnowsItsPrecisionAndTheSizeOfItsWeights() {
    long parameters = PERCEPTRON.summary().parameters();
    try (CompiledModel model = compile(PERCEPTRON, Precision.fp32())) {
      assertEquals("FP32", model.precision());
      assertEquals(OptionalLong.of(parameters * Float.BYTES), model.weightBytes());
      assertEquals(List.of(), model.warnings());
    }
    try (CompiledModel model = compile(PERCEPTRON, Precision.int8Dynamic())) {
      assertEquals("INT8_DYNAMIC", model.precision());
      assertTrue(
          model.weightBytes().orElseThrow() < parameters * 2,
          () -> model.weightBytes() + " bytes of " + parameters + " parameters");
      assertEquals(List.of(), model.warnings());
    }
  }

  @Test
  void itsMemoryGrowsWithWhatSessionsHold() {
    CompiledModel model = compile(PERCEPTRON, Precision.fp32());
    try (InferenceSession session = model.newSession()) {
      assertEquals(new ModelMemory(model.weightBytes(), 0, OptionalLong.empty()), model.memory());
      session.input("x", 100, 16);
      session.run();
      assertTrue(model.memory().buffers() >= 100 * 20 * Float.BYTES, model.memory().toString());
    }
    model.close();
    assertThrows(ResourceClosedException.class, model::memory);
  }

  @Test
  void warningsReachTheReportAndSavedModels() throws IOException {
    try (CompiledModel model = compile(convolution(), Precision.int8Dynamic())) {
      assertEquals(1, model.warnings().size(), model.warnings().toString());
      String warning = model.warnings().get(0);
      assertTrue(warning.startsWith("0 of 1 layers"), warning);
      model.save(folder.resolve("saved"));
      OptimizationReport report = OptimizationReport.builder("title").model(model).build();
      assertEquals(List.of(warning), report.warnings());
      report.writeHtml(folder.resolve("report.html"));
      report.writeJson(folder.resolve("report.json"));
      assertTrue(Files.readString(folder.resolve("report.html")).contains("0 of 1 layers"));
      assertTrue(Files.readString(folder.resolve("report.json")).contains("0 of 1 layers"));
      try (CompiledModel loaded = Inferc.load(folder.resolve("saved"))) {
        assertEquals(model.warnings(), loaded.warnings());
        assertEquals(model.precision(), loaded.precision());
        assertEquals(model.weightBytes(), loaded.weightBytes());
      }
    }
  }
}

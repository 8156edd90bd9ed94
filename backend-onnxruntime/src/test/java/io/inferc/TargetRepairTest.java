package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.Cosine;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a target computes wrongly in integers stays in floating point, and is named. */
class TargetRepairTest {
  private static final int SIZE = 32;

  @TempDir Path folder;

  @BeforeEach
  void startCounting() {
    FaultyBackend.COMPILED.set(0);
  }

  private static float[] values(int count, long seed, double scale) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    return values;
  }

  /** Matrix products of these names, with Tanh between. */
  private static OnnxModel products(String... layers) {
    GraphBuilder graph =
        Graph.builder("products").input(TensorSpec.of("x", DataType.FLOAT32, 4, SIZE));
    String tensor = "x";
    for (String layer : layers) {
      float[] weights = values(SIZE * SIZE, layer.hashCode(), 1 / Math.sqrt(SIZE));
      graph.initializer(Initializer.floats(layer + "_w", weights, SIZE, SIZE));
      graph.node(
          Node.builder("MatMul")
              .name(layer)
              .inputs(tensor, layer + "_w")
              .outputs(layer + "_y")
              .build());
      tensor = layer + "_t";
      graph.node(
          Node.builder("Tanh").name(layer + "_f").inputs(layer + "_y").outputs(tensor).build());
    }
    return OnnxModel.of(graph.output(TensorSpec.of(tensor, DataType.FLOAT32, 4, SIZE)).build(), 17);
  }

  private static Map<String, Tensor> sample(long i) {
    return Map.of("x", Tensor.of(values(4 * SIZE, 100 + i, 1), 4, SIZE));
  }

  private static double[] only(CompiledModel model) {
    try (Outputs outputs = model.run(sample(50))) {
      return outputs.values().iterator().next().toDoubleArray();
    }
  }

  /**
   * Compiles at INT8 for the faulty target; returns the warnings and the cosine to the original.
   */
  private Map.Entry<List<String>, Double> compiled(Precision precision, String... layers)
      throws Exception {
    OnnxModel model = products(layers);
    return FaultyBackend.within(
        folder,
        () -> {
          try (CompiledModel original =
                  Compiler.forTarget(Target.onnxRuntime()).build().compile(model);
              CompiledModel quantized =
                  Compiler.forTarget(Target.backend(FaultyBackend.NAME))
                      .precision(precision)
                      .build()
                      .compile(model)) {
            return Map.entry(quantized.warnings(), Cosine.of(only(original), only(quantized)));
          }
        });
  }

  private static Precision int8() {
    return Precision.int8(Dataset.generated(8, TargetRepairTest::sample));
  }

  @Test
  void layersThatTheTargetComputesWronglyAreLeftInFloatingPointAndNamed() throws Exception {
    var found = compiled(int8(), "fine0", "wrong1", "fine2", "fine3", "wrong4", "fine5");
    assertTrue(found.getValue() > 0.99, "cosine " + found.getValue());
    String warning =
        found.getKey().stream()
            .filter(w -> w.contains("since faulty computes them wrongly at INT8"))
            .findFirst()
            .orElseThrow(() -> new AssertionError(found.getKey()));
    assertTrue(warning.startsWith("2 layers (wrong1, wrong4) are left in FP32"), warning);
    assertFalse(warning.contains("fine"), warning);
  }

  @Test
  void aModelThatTheTargetComputesRightlyIsCompiledOnce() throws Exception {
    var found = compiled(int8(), "fine0", "fine1", "fine2");
    assertTrue(found.getValue() > 0.99, "cosine " + found.getValue());
    assertTrue(found.getKey().stream().noneMatch(w -> w.contains("wrongly")));
    assertEquals(1, FaultyBackend.COMPILED.get());
  }

  @Test
  void whereLeavingLayersOutDoesNotHelpIntegersStayAndTheWarningSaysSo() throws Exception {
    var found = compiled(int8(), "fine0", "hopeless", "fine2");
    assertTrue(
        found.getKey().stream()
            .anyMatch(w -> w.contains("At INT8 faulty computes this model wrongly")),
        found.getKey().toString());
  }

  @Test
  void aLayerThatARuleAsksForStaysInIntegers() throws Exception {
    var found = compiled(int8().quantize(Layers.named("wrong1")), "fine0", "wrong1", "fine2");
    assertTrue(found.getValue() < 0.99, "cosine " + found.getValue());
    assertTrue(
        found.getKey().stream()
            .anyMatch(w -> w.contains("At INT8 faulty computes this model wrongly")),
        found.getKey().toString());
  }
}

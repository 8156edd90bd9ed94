package io.inferc.rewrite.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Only outputs are compared that move with the layers, and the noisiest counts. */
class OutputNoiseTest {
  private static double sqnr(float[] original, float[] changed) {
    return OutputNoise.sqnrDb(
        List.of(Map.of("quiet", new float[] {3}, "y", original)),
        List.of(Map.of("quiet", new float[] {3}, "y", changed)));
  }

  @Test
  void theOutputWithTheLeastRatioCounts() {
    assertEquals(20, sqnr(new float[] {10, -10}, new float[] {11, -9}), 1e-9);
  }

  @Test
  void scoresNearZeroMayMoveALittle() {
    assertTrue(sqnr(new float[] {1e-5f, 0}, new float[] {1e-3f, 1e-3f}) > 40);
    assertTrue(sqnr(new float[] {1e-5f, 0}, new float[] {0, 0.5f}) < 0);
  }

  @Test
  void infinitiesOfTheOriginalSayNothingAndThoseOfTheOtherAreNoise() {
    float infinity = Float.POSITIVE_INFINITY;
    assertEquals(Double.POSITIVE_INFINITY, sqnr(new float[] {-infinity, 2}, new float[] {-8, 2}));
    assertEquals(0, sqnr(new float[] {5}, new float[] {Float.NaN}), 1e-9);
  }

  @Test
  void anotherNumberOfValuesIsNotCompared() {
    assertEquals(Double.POSITIVE_INFINITY, sqnr(new float[] {1, 2}, new float[] {1}));
  }

  @Test
  void choicesAndWhatDoesNotDependOnLayersAreNotCompared() {
    Graph graph =
        Graph.builder("outputs")
            .input(TensorSpec.of("x", DataType.FLOAT32, 1, 4))
            .initializer(Initializer.floats("w", new float[16], 4, 4))
            .initializer(Initializer.longs("k", new long[] {2}, 1))
            .node(Node.builder("Abs").name("abs").inputs("x").outputs("before").build())
            .node(Node.builder("MatMul").name("layer").inputs("x", "w").outputs("y").build())
            .node(Node.builder("TopK").name("top").inputs("y", "k").outputs("best", "at").build())
            .node(Node.builder("Neg").name("neg").inputs("best").outputs("behind").build())
            .output(TensorSpec.of("before", DataType.FLOAT32, 1, 4))
            .output(TensorSpec.of("y", DataType.FLOAT32, 1, 4))
            .output(TensorSpec.of("behind", DataType.FLOAT32, 1, 2))
            .output(TensorSpec.of("at", DataType.INT64, 1, 2))
            .build();
    LayerPlan plan =
        new LayerPlan(Map.of("layer", new LayerDecision(NumericPrecision.INT8, "test")));
    assertEquals(List.of("y"), ComparableOutputs.of(graph, plan));
    assertEquals(List.of(), ComparableOutputs.of(graph, new LayerPlan(Map.of())));
  }
}

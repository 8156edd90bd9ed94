package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.LayerPlan;
import io.inferc.spi.Capabilities;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What computes between the integer layers. */
class RestPrecisionTest {
  private static final int WIDTH = 32;

  /** A hyperbolic tangent, a product with a bias, a softmax. */
  private static OnnxModel network() {
    float[] weights = new float[WIDTH * WIDTH];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (i % 13 - 6) / 6f;
    }
    return OnnxModel.of(
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 4, WIDTH))
            .output(TensorSpec.of("y", DataType.FLOAT32, 4, WIDTH))
            .initializer(Initializer.floats("w", weights, WIDTH, WIDTH))
            .initializer(Initializer.floats("b", new float[WIDTH], WIDTH))
            .node(Node.builder("Tanh").name("tanh").inputs("x").outputs("t").build())
            .node(Node.builder("MatMul").name("mm").inputs("t", "w").outputs("p").build())
            .node(Node.builder("Add").name("add").inputs("p", "b").outputs("a").build())
            .node(Node.builder("Softmax").name("softmax").inputs("a").outputs("y").build())
            .build(),
        13);
  }

  private static ModelRewriter rewriter(Precision precision, boolean halfScales) {
    Capabilities capabilities =
        Capabilities.builder()
            .dialect(QuantizationDialect.builder("gpu").halfScales(halfScales).build())
            .build();
    return new ModelRewriter(
        network(),
        precision,
        capabilities,
        List.of(),
        null,
        ProgressListener.none(),
        new Cancellation());
  }

  private static Precision int8() {
    String digest = rewriter(Precision.fp16(), true).cleaned().digest();
    return Precision.int8(
        CalibrationTable.builder(digest, "a test", 1)
            .range("t", TensorRange.observed(-1, 1))
            .build());
  }

  private static OnnxModel rewritten(Precision precision, boolean halfScales) {
    ModelRewriter rewriter = rewriter(precision, halfScales);
    return rewriter.rewrite(rewriter.plan());
  }

  private static Set<DataType> scales(OnnxModel model) {
    return model.graph().nodes().stream()
        .filter(n -> n.opType().endsWith("quantizeLinear") || n.opType().equals("QuantizeLinear"))
        .map(n -> model.graph().initializer(n.inputs().get(1)).orElseThrow().type())
        .collect(Collectors.toSet());
  }

  private static long casts(OnnxModel model) {
    return model.graph().nodes().stream().filter(n -> n.opType().equals("Cast")).count();
  }

  @Test
  void aModelAtInt8StaysInSinglePrecisionBetweenByDefault() {
    OnnxModel model = rewritten(int8(), true);
    assertEquals(NumericPrecision.FP32, int8().rest());
    assertEquals(13, model.opset());
    assertEquals(Set.of(DataType.FLOAT32), scales(model));
    assertEquals(0, casts(model));
  }

  @Test
  void whereScalesMayBeHalfNothingIsSinglePrecisionButTheEnds() {
    Precision precision = int8().rest(DataType.FLOAT16);
    LayerPlan plan = rewriter(precision, true).plan();
    assertEquals(NumericPrecision.INT8, plan.precision("mm"));
    assertEquals(NumericPrecision.FP16, plan.precision("softmax"));
    OnnxModel model = rewritten(precision, true);
    assertTrue(model.opset() >= 19, "FP16 scales came with opset 19, not " + model.opset());
    assertEquals(Set.of(DataType.FLOAT16), scales(model));
    // The input and the output of the model.
    assertEquals(2, casts(model));
    assertEquals(List.of(), model.check());
  }

  @Test
  void elsewhereTheIntegerLayersStayBetweenCasts() {
    OnnxModel model = rewritten(int8().rest(DataType.FLOAT16), false);
    assertEquals(13, model.opset());
    assertEquals(Set.of(DataType.FLOAT32), scales(model));
    assertTrue(casts(model) >= 2, model::toString);
    assertEquals(List.of(), model.check());
  }

  @Test
  void aRuleGoesBeforeTheRest() {
    LayerPlan plan =
        rewriter(
                int8().rest(DataType.FLOAT16).keep(Layers.named("softmax"), DataType.FLOAT32), true)
            .plan();
    assertEquals(NumericPrecision.FP32, plan.precision("softmax"));
    assertEquals(NumericPrecision.FP16, plan.precision("add"));
  }

  @Test
  void whatHasNoIntegersHasNoRest() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Precision.fp16().rest(DataType.FLOAT16));
    assertTrue(e.getMessage().contains("int8(samples).rest(FLOAT16)"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> int8().rest(DataType.INT8));
    assertEquals("INT8 between FP16", int8().rest(DataType.FLOAT16).toString());
  }

  @Test
  void tf32LeavesTheModelInSinglePrecision() {
    ModelRewriter rewriter = rewriter(Precision.tf32(), true);
    assertEquals(NumericPrecision.FP32, rewriter.plan().precision("mm"));
    assertEquals("TF32", Precision.tf32().toString());
  }
}

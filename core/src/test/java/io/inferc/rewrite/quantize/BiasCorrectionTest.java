package io.inferc.rewrite.quantize;

import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.Tensor;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BiasCorrectionTest {
  private static final int WIDTH = 32;

  private static OnnxModel product() {
    return model(
        17,
        "n, 32",
        g ->
            g.initializer(weights("w", WIDTH, WIDTH))
                .initializer(weights("b", WIDTH))
                .node(node("product", "MatMul", List.of("x", "w")))
                .node(node("y", "Add", List.of("product", "b"))));
  }

  private static OnnxModel gemm() {
    return model(
        17,
        "n, 32",
        g ->
            g.initializer(weights("w", WIDTH, WIDTH))
                .node(node("y", "Gemm", List.of("x", "w"), Attribute.of("transB", 1))));
  }

  private static OnnxModel grouped() {
    return model(
        17,
        "n, 4, 8, 8",
        g ->
            g.initializer(weights("w", 8, 2, 1, 1))
                .node(node("y", "Conv", List.of("x", "w"), Attribute.of("group", 2))));
  }

  /** Values around two, so that what rounding does to weights does not cancel out. */
  private static Map<String, Tensor> inputs(long... shape) {
    int count = 1;
    for (long d : shape) {
      count *= (int) d;
    }
    Random random = new Random(3);
    float[] values = new float[count];
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 + (float) random.nextGaussian() / 2;
    }
    return Map.of("x", Tensor.of(values, shape));
  }

  private static LayerPlan plan(OnnxModel model) {
    return QuantizationCases.all(model, QuantizationCases.GPU, NumericPrecision.INT8);
  }

  private static BiasCorrection pass(OnnxModel model, Map<String, Tensor> inputs, int axis) {
    CalibrationTable table = QuantizationCases.calibrate(model, Map.of("x", axis), inputs);
    return new BiasCorrection(table, QuantizationCases.GPU, plan(model));
  }

  @Test
  void theBiasBehindAProductIsCorrected() {
    PassFixture.of(pass(product(), inputs(64, WIDTH), -1))
        .model(product())
        .check(
            """
            const w: FLOAT32[32, 32]
            const b_corrected: FLOAT32[32]
            product: MatMul(x, w) -> product
            y: Add(product, b_corrected) -> y
            return y
            """)
        .checkIdempotent()
        .checkValid();
  }

  @Test
  void aLayerWithoutBiasGetsOne() {
    PassFixture.of(pass(gemm(), inputs(64, WIDTH), -1))
        .model(gemm())
        .check(
            """
            const w: FLOAT32[32, 32]
            const w_bias_corrected: FLOAT32[32]
            y: Gemm(x, w, w_bias_corrected) -> y {transB=1}
            return y
            """)
        .checkIdempotent()
        .checkValid();
  }

  @Test
  void theMeanErrorOfOutputsGoesAway() {
    check(product(), inputs(256, WIDTH), -1, 1, WIDTH);
    check(gemm(), inputs(256, WIDTH), -1, 1, WIDTH);
    check(grouped(), inputs(16, 4, 8, 8), -3, 64, 8);
  }

  private static void check(
      OnnxModel model, Map<String, Tensor> inputs, int axis, int inner, int channels) {
    CalibrationTable table = QuantizationCases.calibrate(model, Map.of("x", axis), inputs);
    StaticQuantization quantize = new StaticQuantization(table, QuantizationCases.GPU, plan(model));
    OnnxModel plain = quantize.apply(model, new RewriteLog());
    OnnxModel corrected =
        quantize.apply(pass(model, inputs, axis).apply(model, new RewriteLog()), new RewriteLog());
    double before = meanError(model, plain, inputs, inner, channels);
    double after = meanError(model, corrected, inputs, inner, channels);
    assertTrue(after < before / 2, "mean error " + before + ", corrected " + after);
  }

  /** The mean error of each output channel, as a root of the mean square over channels. */
  private static double meanError(
      OnnxModel exact, OnnxModel changed, Map<String, Tensor> inputs, int inner, int channels) {
    double[] x = QuantizationCases.run(exact, inputs).get("y").values();
    double[] y = QuantizationCases.run(changed, inputs).get("y").values();
    double[] sums = new double[channels];
    for (int i = 0; i < x.length; i++) {
      sums[i / inner % channels] += y[i] - x[i];
    }
    double square = 0;
    for (double sum : sums) {
      square += Math.pow(sum * channels / x.length, 2);
    }
    return Math.sqrt(square / channels);
  }

  @Test
  void unknownMeansChangeNothingAndThatIsSaid() {
    Map<String, Tensor> inputs = inputs(64, WIDTH);
    CalibrationTable none = QuantizationCases.calibrate(product(), Map.of(), inputs);
    PassFixture fixture =
        PassFixture.of(new BiasCorrection(none, QuantizationCases.GPU, plan(product())))
            .model(product())
            .checkUnchanged();
    assertTrue(fixture.notes().toString().contains("not in the calibration table"));
  }

  @Test
  void aProductWithoutBiasIsLeftAlone() {
    OnnxModel bare =
        model(
            17,
            "n, 32",
            g ->
                g.initializer(weights("w", WIDTH, WIDTH))
                    .node(node("y", "MatMul", List.of("x", "w"))));
    PassFixture.of(pass(bare, inputs(64, WIDTH), -1)).model(bare).checkUnchanged();
  }

  @Test
  void layersThatAreNotQuantizedKeepTheirBiases() {
    CalibrationTable table =
        QuantizationCases.calibrate(product(), Map.of("x", -1), inputs(64, WIDTH));
    PassFixture.of(new BiasCorrection(table, QuantizationCases.GPU, new LayerPlan(Map.of())))
        .model(product())
        .checkUnchanged();
  }
}

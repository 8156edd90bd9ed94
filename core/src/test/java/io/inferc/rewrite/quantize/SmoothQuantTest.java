package io.inferc.rewrite.quantize;

import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.positive;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.Smoothing;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.Tensor;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmoothQuantTest {
  private static final int WIDTH = 32;

  /** A scale with one channel sixty times the others. */
  private static Initializer outlying(String name) {
    float[] values = positive(name, WIDTH).floats();
    values[5] *= 60;
    return Initializer.floats(name, values, WIDTH);
  }

  /** A normalization with an outlying channel before one product. */
  private static OnnxModel folding() {
    return model(
        17,
        "n, 32",
        g ->
            g.initializer(outlying("scale"))
                .initializer(weights("shift", WIDTH))
                .initializer(weights("w", WIDTH, WIDTH))
                .node(node("norm", "LayerNormalization", List.of("x", "scale", "shift")))
                .node(node("y", "MatMul", List.of("norm", "w"))));
  }

  /** The same, and a residual connection that reads the normalization too. */
  private static OnnxModel residual() {
    return model(
        17,
        "n, 32",
        g ->
            g.initializer(outlying("scale"))
                .initializer(weights("shift", WIDTH))
                .initializer(weights("w", WIDTH, WIDTH))
                .node(node("norm", "LayerNormalization", List.of("x", "scale", "shift")))
                .node(node("product", "MatMul", List.of("norm", "w")))
                .node(node("y", "Add", List.of("product", "norm"))));
  }

  private static Map<String, Tensor> inputs() {
    Random random = new Random(3);
    float[] values = new float[64 * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Map.of("x", Tensor.of(values, 64, WIDTH));
  }

  private static CalibrationTable table(OnnxModel model) {
    return QuantizationCases.calibrate(model, Map.of("norm", -1), inputs());
  }

  private static LayerPlan plan(OnnxModel model) {
    return QuantizationCases.all(model, QuantizationCases.GPU, NumericPrecision.INT8);
  }

  private static SmoothQuant pass(OnnxModel model) {
    return new SmoothQuant(table(model), plan(model));
  }

  @Test
  void theDivisionGoesIntoANormalization() {
    PassFixture.of(pass(folding()))
        .model(folding())
        .check(
            """
            const scale_smoothed: FLOAT32[32]
            const shift_smoothed: FLOAT32[32]
            const w_smoothed: FLOAT32[32, 32]
            norm: LayerNormalization(x, scale_smoothed, shift_smoothed) -> norm
            y: MatMul(norm, w_smoothed) -> y
            return y
            """)
        .checkSound(1e-4);
  }

  @Test
  void whereOthersReadTheActivationAMultiplicationDividesIt() {
    PassFixture.of(pass(residual()))
        .model(residual())
        .check(
            """
            const scale: FLOAT32[32]
            const shift: FLOAT32[32]
            const norm_smoothing: FLOAT32[32]
            const w_smoothed: FLOAT32[32, 32]
            norm: LayerNormalization(x, scale, shift) -> norm
            norm_smoothed: Mul(norm, norm_smoothing) -> norm_smoothed
            product: MatMul(norm_smoothed, w_smoothed) -> product
            y: Add(product, norm) -> y
            return y
            """)
        .checkSound(1e-4);
  }

  @Test
  void layersThatAreNotQuantizedKeepTheirWeights() {
    PassFixture.of(new SmoothQuant(table(folding()), new LayerPlan(Map.of())))
        .model(folding())
        .checkUnchanged();
  }

  @Test
  void aTableWithoutChannelsChangesNothingAndSaysSo() {
    CalibrationTable none = QuantizationCases.calibrate(folding(), Map.of(), inputs());
    PassFixture fixture =
        PassFixture.of(new SmoothQuant(none, plan(folding()))).model(folding()).checkUnchanged();
    assertTrue(fixture.notes().toString().contains("not in the calibration table"));
  }

  @Test
  void noMultiplicationIsWrittenForEvenChannels() {
    OnnxModel even =
        model(
            17,
            "n, 32",
            g ->
                g.initializer(weights("w", WIDTH, WIDTH))
                    .node(node("norm", "Tanh", List.of("x")))
                    .node(node("y", "MatMul", List.of("norm", "w"))));
    PassFixture fixture = PassFixture.of(pass(even)).model(even).checkUnchanged();
    assertTrue(fixture.notes().toString().contains("too even"), fixture.notes()::toString);
  }

  @Test
  void outliersCostLessOfTheResolution() {
    for (OnnxModel model : List.of(folding(), residual())) {
      LayerPlan plan = plan(model);
      OnnxModel plain =
          new StaticQuantization(table(model), QuantizationCases.GPU, plan)
              .apply(model, new RewriteLog());
      SmoothQuant.Smoothed smoothed = pass(model).smooth(model, new RewriteLog());
      smoothed.table().requireFor(smoothed.model());
      OnnxModel better =
          new StaticQuantization(smoothed.table(), QuantizationCases.GPU, plan)
              .apply(smoothed.model(), new RewriteLog());
      double before = QuantizationCases.sqnr(model, plain, inputs());
      double after = QuantizationCases.sqnr(model, better, inputs());
      assertTrue(after > before + 3, before + " dB, smoothed " + after + " dB");
    }
  }

  /**
   * Of these networks a division of a later activation goes into the weights by which an earlier
   * one had been left alone, and by the new weights it would not be.
   */
  @ParameterizedTest
  @ValueSource(longs = {322, 1007, 2784, 2797})
  void smoothingAgainChangesNothingThoughWeightsChangedMeanwhile(long seed) {
    OnnxModel model =
        new UniqueNames().apply(RandomNetworks.transformer(seed, 17), new RewriteLog());
    LayerPlan plan = plan(model);
    CalibrationTable table =
        QuantizationCases.calibrate(
            model,
            QuantizableLayers.tensors(model, QuantizationCases.GPU, plan).channels(),
            RandomNetworks.inputs(model.graph(), seed));
    PassFixture.of(new SmoothQuant(table, plan)).model(model).checkChanged().checkSound(1e-3);
  }

  @Test
  void theTableThatComesWithTheModelHoldsWhatTheModelComputes() {
    SmoothQuant.Smoothed smoothed = pass(folding()).smooth(folding(), new RewriteLog());
    CalibrationTable anew =
        QuantizationCases.calibrate(smoothed.model(), Map.of("norm", -1), inputs());
    assertEquals(
        anew.range("norm").orElseThrow().absMax(),
        smoothed.table().range("norm").orElseThrow().observedAbsMax(),
        1e-4 * anew.range("norm").orElseThrow().absMax());
  }

  /** Any channel may reach beyond what was seen of it, and after smoothing all end at the range. */
  @Test
  void whatReachesALittleBeyondTheSamplesIsNotCutOff() {
    OnnxModel model = residual();
    SmoothQuant.Smoothed smoothed = pass(model).smooth(model, new RewriteLog());
    Map<String, Tensor> rare = rare();
    double roomy = sqnr(smoothed, smoothed.table(), rare);
    double tight = sqnr(smoothed, withoutHeadroom(smoothed), rare);
    assertTrue(roomy > 30, roomy + " dB");
    assertTrue(roomy > tight + 6, roomy + " dB, without headroom " + tight + " dB");
  }

  private static double sqnr(
      SmoothQuant.Smoothed smoothed, CalibrationTable table, Map<String, Tensor> inputs) {
    OnnxModel quantized =
        new StaticQuantization(table, QuantizationCases.GPU, plan(residual()))
            .apply(smoothed.model(), new RewriteLog());
    return QuantizationCases.sqnr(residual(), quantized, inputs);
  }

  private static CalibrationTable withoutHeadroom(SmoothQuant.Smoothed smoothed) {
    CalibrationTable.Builder tight =
        CalibrationTable.builder(smoothed.model().digest(), "min-max", 1);
    smoothed.table().ranges().forEach((tensor, range) -> tight.range(tensor, range.unclipped()));
    return tight.build();
  }

  /** Rows of one channel each, larger than any in the samples. */
  private static Map<String, Tensor> rare() {
    float[] values = new float[WIDTH * WIDTH];
    Random random = new Random(4);
    for (int row = 0; row < WIDTH; row++) {
      for (int i = 0; i < WIDTH; i++) {
        values[row * WIDTH + i] = (float) random.nextGaussian();
      }
      values[row * WIDTH + row] = 6;
    }
    return Map.of("x", Tensor.of(values, WIDTH, WIDTH));
  }

  @Test
  void withoutLayersTheVeryTableComesBack() {
    CalibrationTable table = table(folding());
    SmoothQuant pass = new SmoothQuant(table, new LayerPlan(Map.of()));
    assertSame(table, pass.smooth(folding(), new RewriteLog()).table());
  }

  @Test
  void aMultiplicationHasToBeWorthWhatIsAsked() {
    OnnxModel model = residual();
    for (double little : new double[] {0, 3}) {
      PassFixture.of(asking(model, Smoothing.best().multiplyFrom(little)))
          .model(model)
          .checkSound(1e-4);
    }
    for (double much : new double[] {80, Double.POSITIVE_INFINITY}) {
      PassFixture fixture =
          PassFixture.of(asking(model, Smoothing.best().multiplyFrom(much)))
              .model(model)
              .checkUnchanged();
      assertTrue(fixture.notes().toString().contains("not only matrix layers read it"));
    }
    // Where the division costs nothing, nothing has to be worth it.
    OnnxModel free = folding();
    PassFixture.of(asking(free, Smoothing.best().multiplyFrom(80))).model(free).checkSound(1e-4);
  }

  private static SmoothQuant asking(OnnxModel model, Smoothing smoothing) {
    return new SmoothQuant(table(model), plan(model), smoothing);
  }

  @Test
  void alphaIsAShareAndTheGainNotNegative() {
    assertThrows(IllegalArgumentException.class, () -> Smoothing.withAlpha(1.1));
    assertThrows(IllegalArgumentException.class, () -> Smoothing.withAlpha(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Smoothing.best().multiplyFrom(-1));
    assertThrows(IllegalArgumentException.class, () -> Smoothing.best().multiplyFrom(Double.NaN));
  }
}

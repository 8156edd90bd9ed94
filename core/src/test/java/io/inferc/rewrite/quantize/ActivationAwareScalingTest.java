package io.inferc.rewrite.quantize;

import static io.inferc.rewrite.RewriteNote.Kind.LEFT_ALONE;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.positive;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.rewrite.layer.WeightQuantization.Method;
import io.inferc.tensor.Tensor;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Weights scaled by the size of the inputs that they meet. */
class ActivationAwareScalingTest {
  private static final int WIDTH = 64;
  private static final WeightQuantization LEAST = WeightQuantization.bits(4).withBlock(32);
  private static final WeightQuantization AWARE = LEAST.withMethod(Method.ACTIVATION_AWARE);

  /** A normalization some of whose channels are far larger than others, before a product. */
  private static OnnxModel outlying(boolean residual) {
    float[] scale = positive("scale", WIDTH).floats();
    scale[5] *= 40;
    scale[40] *= 25;
    return model(
        17,
        "n, 64",
        g -> {
          g.initializer(Initializer.floats("scale", scale, WIDTH))
              .initializer(weights("shift", WIDTH))
              .initializer(weights("w", WIDTH, WIDTH))
              .node(node("norm", "LayerNormalization", List.of("x", "scale", "shift")));
          return residual
              ? g.node(node("p", "MatMul", List.of("norm", "w")))
                  .node(node("y", "Add", List.of("p", "norm")))
              : g.node(node("y", "MatMul", List.of("norm", "w")));
        });
  }

  private static Map<String, Tensor> inputs(long seed) {
    Random random = new Random(seed);
    float[] values = new float[64 * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Map.of("x", Tensor.of(values, 64, WIDTH));
  }

  private static CalibrationTable table(OnnxModel model) {
    Map<String, Integer> channels = new HashMap<>();
    WeightOnlyLayers.of(model, WeightOnlyCases.N_BITS, AWARE)
        .channels(WeightOnlyCases.all(model, WeightOnlyCases.N_BITS, AWARE))
        .forEach(channels::put);
    Map<String, Tensor> inputs =
        model.graph().inputs().get(0).name().equals("x") && model.graph().inputs().size() == 1
            ? inputs(3)
            : RandomNetworks.inputs(model.graph(), 3);
    return QuantizationCases.calibrate(model, channels, inputs);
  }

  private static ActivationAwareScaling pass(
      OnnxModel model, CalibrationTable table, LayerPlan plan, CalibrationTable[] adjusted) {
    return new ActivationAwareScaling(
        table, plan, WeightOnlyCases.ways(WeightOnlyCases.N_BITS, AWARE), t -> adjusted[0] = t);
  }

  private static OnnxModel quantized(OnnxModel model, WeightQuantization options) {
    LayerPlan plan = WeightOnlyCases.all(model, WeightOnlyCases.N_BITS, options);
    CalibrationTable[] table = {table(model)};
    OnnxModel scaled = model;
    if (options.method() == Method.ACTIVATION_AWARE) {
      scaled = pass(model, table[0], plan, table).apply(model, new RewriteLog());
    }
    return WeightOnlyCases.pass(WeightOnlyCases.N_BITS, options, plan, table[0])
        .apply(scaled, new RewriteLog());
  }

  @Test
  void theScalesGoIntoANormalizationAndTheModelComputesTheSame() {
    OnnxModel model = outlying(false);
    CalibrationTable[] adjusted = new CalibrationTable[1];
    PassFixture.of(
            pass(
                model,
                table(model),
                WeightOnlyCases.all(model, WeightOnlyCases.N_BITS, AWARE),
                adjusted))
        .deviation(1e-4)
        .model(model)
        .check(
            """
            const scale_smoothed: FLOAT32[64]
            const shift_smoothed: FLOAT32[64]
            const w_smoothed: FLOAT32[64, 64]
            norm: LayerNormalization(x, scale_smoothed, shift_smoothed) -> norm
            y: MatMul(norm, w_smoothed) -> y
            return y
            """)
        .checkSound(1e-3);
    pass(model, table(model), WeightOnlyCases.all(model, WeightOnlyCases.N_BITS, AWARE), adjusted)
        .apply(model, new RewriteLog());
    float[] before = table(model).channels("norm").orElseThrow().meanSquares();
    float[] after = adjusted[0].channels("norm").orElseThrow().meanSquares();
    // What stood out stands out less.
    assertTrue(after[5] / after[6] < before[5] / before[6]);
  }

  @Test
  void anOutlyingChannelLosesLessThanWithTheLeastErrorOfWeightsAlone() {
    for (boolean residual : new boolean[] {false, true}) {
      OnnxModel model = outlying(residual);
      double nearest =
          QuantizationCases.sqnr(
              model, quantized(model, LEAST.withMethod(Method.ROUND_TO_NEAREST)), inputs(9));
      double least = QuantizationCases.sqnr(model, quantized(model, LEAST), inputs(9));
      double aware = QuantizationCases.sqnr(model, quantized(model, AWARE), inputs(9));
      assertTrue(aware > least + 3, () -> aware + " dB, " + least + " dB, " + nearest + " dB");
    }
  }

  @Property(tries = 15)
  void scaledTransformersComputeTheSame(@ForAll long seed) {
    OnnxModel model =
        new UniqueNames().apply(RandomNetworks.transformer(seed, 17), new RewriteLog());
    Map<String, Integer> channels = new HashMap<>();
    LayerPlan plan = WeightOnlyCases.all(model, WeightOnlyCases.N_BITS, AWARE);
    channels.putAll(WeightOnlyLayers.of(model, WeightOnlyCases.N_BITS, AWARE).channels(plan));
    CalibrationTable table =
        QuantizationCases.calibrate(model, channels, RandomNetworks.inputs(model.graph(), seed));
    PassFixture.of(pass(model, table, plan, new CalibrationTable[1])).model(model).checkSound(1e-2);
  }

  @Test
  void weightsThatATableReadsTooAreNotScaled() {
    OnnxModel model =
        model(
            17,
            "n, 64",
            g ->
                g.initializer(weights("t", 300, WIDTH))
                    .initializer(Initializer.longs("i", new long[] {3, 5}, 2))
                    .initializer(positive("scale", WIDTH))
                    .node(node("norm", "Mul", List.of("x", "scale")))
                    .node(node("u", "Transpose", List.of("t"), Attribute.ofInts("perm", 1, 0)))
                    .node(node("p", "MatMul", List.of("norm", "u")))
                    .node(node("e", "Gather", List.of("t", "i")))
                    .node(node("s", "ReduceSum", List.of("e")))
                    .node(node("y", "Add", List.of("p", "s"))));
    PassFixture.of(
            pass(
                model,
                QuantizationCases.calibrate(model, Map.of("norm", -1), inputs(3)),
                WeightOnlyCases.all(model, WeightOnlyCases.N_BITS, AWARE),
                new CalibrationTable[1]))
        .model(model)
        .checkUnchanged();
  }

  @Test
  void withoutStatisticsNothingIsScaledAndThatIsNoted() {
    OnnxModel model = outlying(false);
    PassFixture.of(
            pass(
                model,
                QuantizationCases.calibrate(model, Map.of(), inputs(3)),
                WeightOnlyCases.all(model, WeightOnlyCases.N_BITS, AWARE),
                new CalibrationTable[1]))
        .model(model)
        .checkUnchanged()
        .checkNote("y", LEFT_ALONE, "not in the calibration table");
    PassFixture.of(pass(model, table(model), new LayerPlan(Map.of()), new CalibrationTable[1]))
        .model(model)
        .checkNotApplied("No layer is planned");
    assertEquals(17, model.opset());
  }
}

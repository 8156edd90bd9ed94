package io.inferc.rewrite.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.Tensor;
import io.inferc.testing.GraphText;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import io.inferc.testing.RuntimeDialects;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;

/** Quantization of random networks: idempotent, valid, and close to the original. */
@Tag("once")
class QuantizationProperties {
  // Nearly all networks of this size and depth keep more than that; the others must keep nearly
  // what they keep of themselves under noise of the size of rounding.
  private static final double USUAL_SQNR = 20;
  private static final double MORE_THAN_NOISE = 6;

  /** Requires that a network lost no more than rounding explains. */
  static void requireClose(OnnxModel model, OnnxModel quantized, Map<String, Tensor> inputs) {
    double sqnr = QuantizationCases.sqnr(model, quantized, inputs);
    if (!(sqnr > USUAL_SQNR)) {
      double noise = RoundingReference.sqnr(model, quantized, inputs);
      assertTrue(
          sqnr > noise - MORE_THAN_NOISE,
          () ->
              sqnr + " dB where noise leaves " + noise + " of " + GraphText.of(quantized.graph()));
    }
  }

  private static void sound(GraphPass pass, OnnxModel model, Map<String, Tensor> inputs) {
    PassFixture fixture =
        PassFixture.of(pass)
            .otherResults("compared below with what rounding explains, inside the ranges")
            .model(model)
            .checkIdempotent()
            .checkValid();
    requireClose(model, fixture.after(), inputs);
    assertEquals(fixture.after(), pass.apply(model, new RewriteLog()), "another result");
  }

  private static void isSound(long seed, QuantizationDialect dialect) {
    OnnxModel model = new UniqueNames().apply(RandomNetworks.of(seed), new RewriteLog());
    sound(
        QuantizationCases.everything(model, dialect, seed),
        model,
        RandomNetworks.inputs(model.graph(), seed));
  }

  @Property(tries = 60)
  void calibratedNetworksStayCloseInTheFormOfCpus(@ForAll long seed) {
    isSound(seed, QuantizationCases.CPU);
  }

  @Property(tries = 60)
  void calibratedNetworksStayCloseInTheFormOfGpus(@ForAll long seed) {
    isSound(seed, QuantizationCases.GPU);
  }

  @Property(tries = 60)
  void calibratedNetworksStayCloseInTheFormOfOpenVino(@ForAll long seed) {
    isSound(seed, QuantizationCases.OPENVINO);
  }

  @Property(tries = 60)
  void calibratedNetworksStayCloseWithSevenBitsOfWeights(@ForAll long seed) {
    isSound(seed, QuantizationCases.OLD_CPU);
  }

  @Property(tries = 40)
  void smoothedNetworksComputeTheSameAndCanBeQuantized(@ForAll long seed) {
    corrected(
        seed,
        (model, table) -> {
          LayerPlan plan =
              QuantizationCases.all(model, QuantizationCases.GPU, NumericPrecision.INT8);
          SmoothQuant pass = new SmoothQuant(table, plan);
          PassFixture.of(pass).model(model).checkSound(1e-3);
          return pass.smooth(model, new RewriteLog());
        });
  }

  @Property(tries = 40)
  void networksWithCorrectedBiasesCanBeQuantized(@ForAll long seed) {
    corrected(
        seed,
        (model, table) -> {
          LayerPlan plan =
              QuantizationCases.all(model, QuantizationCases.GPU, NumericPrecision.INT8);
          BiasCorrection pass = new BiasCorrection(table, QuantizationCases.GPU, plan);
          OnnxModel after =
              PassFixture.of(pass).model(model).checkIdempotent().checkValid().after();
          return new SmoothQuant.Smoothed(after, table);
        });
  }

  /** Changes a transformer by the statistics of its channels, and quantizes what comes out. */
  private static void corrected(
      long seed, BiFunction<OnnxModel, CalibrationTable, SmoothQuant.Smoothed> change) {
    OnnxModel model =
        new UniqueNames().apply(RandomNetworks.transformer(seed, 17), new RewriteLog());
    LayerPlan plan = QuantizationCases.all(model, QuantizationCases.GPU, NumericPrecision.INT8);
    Map<String, Tensor> inputs = RandomNetworks.inputs(model.graph(), seed);
    CalibrationTable table =
        QuantizationCases.calibrate(
            model,
            QuantizableLayers.tensors(model, QuantizationCases.GPU, plan).channels(),
            inputs);
    SmoothQuant.Smoothed changed = change.apply(model, table);
    OnnxModel quantized =
        new StaticQuantization(changed.table(), QuantizationCases.GPU, plan)
            .apply(changed.model(), new RewriteLog());
    assertEquals(List.of(), quantized.check());
    requireClose(model, quantized, inputs);
  }

  @Property(tries = 60)
  void dynamicallyQuantizedNetworksStayClose(@ForAll long seed) {
    OnnxModel model = new UniqueNames().apply(RandomNetworks.of(seed), new RewriteLog());
    LayerPlan plan =
        QuantizationCases.all(model, QuantizationCases.THIS_CPU, NumericPrecision.INT8_DYNAMIC);
    sound(
        new DynamicQuantization(QuantizationCases.THIS_CPU, plan),
        model,
        RandomNetworks.inputs(model.graph(), seed));
  }

  @Property(tries = 60)
  void calibratedNetworksStayCloseInTheFormOfMigraphx(@ForAll long seed) {
    isSound(seed, RuntimeDialects.MIGRAPHX);
  }

  @Test
  void whatIsCloseKnowsWrongScalesFromRounding() {
    int networks = 0;
    int clipped = 0;
    int swapped = 0;
    for (long seed = 0; seed < 24; seed++) {
      OnnxModel model = new UniqueNames().apply(RandomNetworks.of(seed), new RewriteLog());
      Map<String, Tensor> inputs = RandomNetworks.inputs(model.graph(), seed);
      OnnxModel sound =
          QuantizationCases.everything(model, QuantizationCases.GPU, seed)
              .apply(model, new RewriteLog());
      if (sound == model) {
        continue;
      }
      networks++;
      // Activations with an eighth of their scale, and weights with that of the channel beside.
      clipped += isRefused(model, harmed(sound, 0, s -> scaled(s, 0.125f)), inputs) ? 1 : 0;
      swapped +=
          isRefused(model, harmed(sound, 1, QuantizationProperties::rotated), inputs) ? 1 : 0;
    }
    assertTrue(networks > 15, networks + " networks");
    assertTrue(clipped >= 0.9 * networks, clipped + " of " + networks + " clipped");
    assertTrue(swapped >= 0.8 * networks, swapped + " of " + networks + " with swapped scales");
  }

  private static boolean isRefused(OnnxModel model, OnnxModel harmed, Map<String, Tensor> inputs) {
    try {
      requireClose(model, harmed, inputs);
      return false;
    } catch (AssertionError e) {
      return true;
    }
  }

  /** Changes the scales of what was FLOAT32 before, of no dimension or of one. */
  private static OnnxModel harmed(OnnxModel model, int rank, UnaryOperator<float[]> change) {
    GraphEditor editor = model.graph().edit();
    for (Initializer constant : model.graph().initializers()) {
      if (constant.name().endsWith("_scale") && constant.dims().length == rank) {
        editor.putInitializer(
            Initializer.floats(constant.name(), change.apply(constant.floats()), constant.dims()));
      }
    }
    return model.withGraph(editor.build());
  }

  private static float[] rotated(float[] scales) {
    List<Float> list = new ArrayList<>();
    for (float s : scales) {
      list.add(s);
    }
    Collections.rotate(list, 1);
    for (int i = 0; i < scales.length; i++) {
      scales[i] = list.get(i);
    }
    return scales;
  }

  private static float[] scaled(float[] scales, float factor) {
    for (int i = 0; i < scales.length; i++) {
      scales[i] *= factor;
    }
    return scales;
  }

  @Test
  void manyRandomNetworksHaveLayersToQuantize() {
    int statically = 0;
    int dynamically = 0;
    for (long seed = 0; seed < 40; seed++) {
      OnnxModel model = new UniqueNames().apply(RandomNetworks.of(seed), new RewriteLog());
      OnnxModel q =
          QuantizationCases.everything(model, QuantizationCases.CPU, seed)
              .apply(model, new RewriteLog());
      statically += QuantizationCases.count(q, "QuantizeLinear") > 2 ? 1 : 0;
      LayerPlan plan =
          QuantizationCases.all(model, QuantizationCases.CPU, NumericPrecision.INT8_DYNAMIC);
      OnnxModel d =
          new DynamicQuantization(QuantizationCases.CPU, plan).apply(model, new RewriteLog());
      dynamically += QuantizationCases.count(d, "MatMulInteger") > 0 ? 1 : 0;
    }
    assertTrue(statically >= 25, statically + " of 40");
    assertTrue(dynamically > 15, dynamically + " of 40");
  }
}

package io.inferc.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.OnnxModel;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.Tensor;
import io.inferc.testing.GraphText;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Quantization of random networks: idempotent, valid, and close to the original. */
class QuantizationProperties {
  // Networks of this size and depth keep more than that; a wrong scale or axis keeps nearly none.
  private static final double LEAST_SQNR = 12;

  private static void sound(GraphPass pass, OnnxModel model, Map<String, Tensor> inputs) {
    PassFixture fixture = PassFixture.of(pass).model(model).checkIdempotent().checkValid();
    double sqnr = QuantizationCases.sqnr(model, fixture.after(), inputs);
    assertTrue(sqnr > LEAST_SQNR, () -> sqnr + " dB of " + GraphText.of(fixture.after().graph()));
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
    double sqnr = QuantizationCases.sqnr(model, quantized, inputs);
    assertTrue(sqnr > LEAST_SQNR, () -> sqnr + " dB of " + GraphText.of(quantized.graph()));
  }

  @Property(tries = 60)
  void dynamicallyQuantizedNetworksStayClose(@ForAll long seed) {
    OnnxModel model = new UniqueNames().apply(RandomNetworks.of(seed), new RewriteLog());
    LayerPlan plan =
        QuantizationCases.all(model, QuantizationCases.CPU, NumericPrecision.INT8_DYNAMIC);
    sound(
        new DynamicQuantization(QuantizationCases.CPU, plan),
        model,
        RandomNetworks.inputs(model.graph(), seed));
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

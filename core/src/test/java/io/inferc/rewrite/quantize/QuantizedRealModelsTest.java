package io.inferc.rewrite.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner;
import io.inferc.onnx.OrtRunner.Output;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.CleanUp;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.Tensor;
import io.inferc.testing.Cosine;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RealModelInputs;
import io.inferc.testing.RealModels;
import io.inferc.testing.RuntimeDialects;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * INT8 forms of real models for every runtime, run by ONNX Runtime beside the originals.
 *
 * <p>The limits are cosines of an output to the original's on inputs that were not calibrated with,
 * with room below the lowest that was measured in any dialect. The networks that read text were
 * made for phones: the channels of their depthwise convolutions have very different ranges under
 * one scale, so that with all layers at INT8 little is left of some, whatever the dialect. Without
 * those convolutions they stay closer, and a search would leave them out, too.
 */
@Tag("once")
class QuantizedRealModelsTest {
  private static final int CALIBRATED = 4;
  private static final int COMPARED = 2;
  private static final List<QuantizationDialect> DIALECTS =
      List.of(
          RuntimeDialects.ONNX_RUNTIME,
          RuntimeDialects.ONNX_RUNTIME_REDUCED,
          RuntimeDialects.TENSORRT,
          RuntimeDialects.MIGRAPHX,
          RuntimeDialects.OPENVINO);

  /**
   * The least cosines of a model.
   *
   * @param all with all layers at INT8
   * @param allReduced the same with weights of 7 bits
   * @param dense with all layers but depthwise convolutions, the first and the last
   * @param denseReduced the same with weights of 7 bits
   */
  private record Limits(double all, double allReduced, double dense, double denseReduced) {
    double of(boolean everything, QuantizationDialect dialect) {
      if (everything) {
        return dialect.reducedWeightRange() ? allReduced : all;
      }
      return dialect.reducedWeightRange() ? denseReduced : dense;
    }
  }

  private static final Map<RealModels, Limits> LIMITS = new EnumMap<>(RealModels.class);

  static {
    // Measured: 0.961, 0.987, 0.971, 0.988; 0.987 each; 0.967, 0.967, 0.972, 0.968; 0.912, 0.682,
    // 0.946, 0.968; 0.926, 0.971, 0.927, 0.927; 0.961, 0.974, 0.983, 0.981; 0.699, 0.685, 0.889,
    // 0.803. Where Q and DQ are computed one by one, the first of PP-OCR recognition is 0.832.
    LIMITS.put(RealModels.MINILM, new Limits(0.93, 0.96, 0.94, 0.96));
    LIMITS.put(RealModels.MINILM_QUANTIZED, new Limits(0.96, 0.96, 0.96, 0.96));
    LIMITS.put(RealModels.OCR_DETECTION, new Limits(0.93, 0.93, 0.94, 0.94));
    LIMITS.put(RealModels.OCR_CLASSIFICATION, new Limits(0.8, 0.4, 0.85, 0.8));
    double recognition = OrtRunner.ADDS_BYTES_IN_32_BITS ? 0.85 : 0.8;
    LIMITS.put(RealModels.OCR_RECOGNITION, new Limits(recognition, 0.85, 0.85, 0.85));
    LIMITS.put(RealModels.OCR_DETECTION_V3, new Limits(0.92, 0.92, 0.94, 0.94));
    LIMITS.put(RealModels.OCR_RECOGNITION_V3, new Limits(0.5, 0.45, 0.75, 0.6));
  }

  /** A cleaned-up model with what it reaches and gives. */
  private record Prepared(
      RealModels real,
      OnnxModel model,
      CalibrationTable table,
      List<Map<String, Tensor>> inputs,
      List<Map<String, Output>> outputs) {
    static Prepared of(RealModels real) {
      OnnxModel loaded = OnnxModel.load(real.path());
      OnnxModel upgraded = loaded.opset() < 13 ? loaded.upgradeOpset(13) : loaded;
      OnnxModel model = CleanUp.pipeline().apply(upgraded, new RewriteLog());
      List<Map<String, Tensor>> inputs = new ArrayList<>();
      List<Map<String, Output>> outputs = new ArrayList<>();
      for (int i = 0; i < COMPARED; i++) {
        inputs.add(RealModelInputs.of(real, CALIBRATED + i));
        outputs.add(QuantizationCases.run(model, inputs.get(i)));
      }
      return new Prepared(real, model, calibrated(real, model), inputs, outputs);
    }

    private static CalibrationTable calibrated(RealModels real, OnnxModel model) {
      Map<String, TensorRange> ranges = new LinkedHashMap<>();
      for (int i = 0; i < CALIBRATED; i++) {
        Map<String, Tensor> inputs = RealModelInputs.of(real, i);
        QuantizationCases.calibrate(model, Map.of(), inputs)
            .ranges()
            .forEach((name, range) -> ranges.merge(name, range, Prepared::union));
        inputs.values().forEach(Tensor::close);
      }
      CalibrationTable.Builder table =
          CalibrationTable.builder(model.digest(), "min-max", CALIBRATED);
      ranges.forEach(table::range);
      return table.build();
    }

    private static TensorRange union(TensorRange a, TensorRange b) {
      return TensorRange.observed(
          Math.min(a.observedMin(), b.observedMin()), Math.max(a.observedMax(), b.observedMax()));
    }

    /** Returns the least cosine of any output on any input. */
    double cosine(OnnxModel quantized) {
      double least = 1;
      for (int i = 0; i < inputs.size(); i++) {
        Map<String, Output> actual = QuantizationCases.run(quantized, inputs.get(i));
        assertEquals(outputs.get(i).keySet(), actual.keySet());
        for (Map.Entry<String, Output> e : outputs.get(i).entrySet()) {
          Output a = actual.get(e.getKey());
          assertArrayEquals(e.getValue().shape(), a.shape(), e.getKey());
          double cosine = Cosine.of(e.getValue().values(), a.values());
          // Not a number is no less than any limit.
          least = Double.isNaN(cosine) ? Double.NaN : Math.min(least, cosine);
        }
      }
      return least;
    }

    void close() {
      inputs.forEach(i -> i.values().forEach(Tensor::close));
    }
  }

  @ParameterizedTest
  @EnumSource(RealModels.class)
  void withCalibratedScalesTheyStayWithinTheirLimits(RealModels real) {
    Prepared prepared = Prepared.of(real);
    for (QuantizationDialect dialect : DIALECTS) {
      LayerPlan all = QuantizationCases.all(prepared.model(), dialect, NumericPrecision.INT8);
      if (all.decisions().isEmpty()) {
        // Of a model that others quantized before, only products of activations are left.
        assertEquals(RealModels.MINILM_QUANTIZED, real);
        assertFalse(dialect.kernels().activationProducts());
        continue;
      }
      LayerPlan dense =
          QuantizableLayers.withFollowers(
              prepared.model(), dialect, dense(prepared.model(), dialect));
      boolean convolutional = QuantizationCases.count(prepared.model(), "Conv") > 0;
      for (LayerPlan plan : convolutional ? List.of(all, dense) : List.of(all)) {
        PassFixture fixture =
            PassFixture.of(new StaticQuantization(prepared.table(), dialect, plan))
                .otherResults(
                    "numbers at random are no inputs of these models; samples are compared below")
                .model(prepared.model())
                .checkChanged()
                .checkIdempotent()
                .checkValid();
        double limit = LIMITS.get(real).of(plan == all, dialect);
        requireClose(prepared, fixture.after(), limit, dialect.name() + ", all " + (plan == all));
      }
    }
    prepared.close();
  }

  @ParameterizedTest
  @EnumSource(RealModels.class)
  void withDynamicScalesTheyStayClose(RealModels real) {
    Prepared prepared = Prepared.of(real);
    for (QuantizationDialect dialect :
        DIALECTS.stream().filter(d -> d.kernels().dynamic()).toList()) {
      LayerPlan plan =
          QuantizationCases.all(prepared.model(), dialect, NumericPrecision.INT8_DYNAMIC);
      PassFixture fixture =
          PassFixture.of(new DynamicQuantization(dialect, plan))
              .otherResults(
                  "numbers at random are no inputs of these models; samples are compared below")
              .model(prepared.model());
      if (plan.decisions().isEmpty()) {
        // Convolutions alone, or products that others quantized before.
        fixture.checkUnchanged();
        continue;
      }
      fixture.checkChanged().checkIdempotent().checkValid();
      assertEquals(
          plan.decisions().size(), QuantizationCases.count(fixture.after(), "MatMulInteger"));
      requireClose(prepared, fixture.after(), 0.98, dialect.name() + ", dynamic");
    }
    prepared.close();
  }

  private static void requireClose(
      Prepared prepared, OnnxModel quantized, double limit, String what) {
    double cosine = prepared.cosine(quantized);
    assertTrue(
        cosine >= limit,
        () -> prepared.real() + " for " + what + " has a cosine of " + cosine + " < " + limit);
  }

  /** All layers but depthwise and other grouped convolutions, the first and the last. */
  private static LayerPlan dense(OnnxModel model, QuantizationDialect dialect) {
    Map<String, Node> nodes =
        model.graph().nodes().stream().collect(Collectors.toMap(Node::name, n -> n));
    List<String> layers =
        List.copyOf(QuantizableLayers.layers(model, dialect, NumericPrecision.INT8));
    Map<String, LayerDecision> plan = new LinkedHashMap<>();
    for (String layer : layers.subList(1, layers.size() - 1)) {
      if (nodes.get(layer).intAttribute("group", 1) == 1) {
        plan.put(layer, new LayerDecision(NumericPrecision.INT8, "dense"));
      }
    }
    return new LayerPlan(plan);
  }
}

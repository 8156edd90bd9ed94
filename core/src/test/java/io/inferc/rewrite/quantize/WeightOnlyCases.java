package io.inferc.rewrite.quantize;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.spi.WeightOnlyForm.Product;
import io.inferc.spi.WeightOnlyForm.Tables;
import io.inferc.spi.WeightOnlyForm.Variant;
import io.inferc.tensor.DataType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Forms, plans and passes for tests of weights alone as integers. */
final class WeightOnlyCases {
  /** As ONNX Runtime's CPU has it. */
  static final WeightOnlyForm N_BITS =
      WeightOnlyForm.builder(Product.MATMUL_NBITS)
          .tables(Tables.GATHER_BLOCK_QUANTIZED)
          .accuracyLevels(0, 4)
          .types(Set.of(DataType.FLOAT32, DataType.FLOAT16))
          .build();

  /** As OpenVINO has it. */
  static final WeightOnlyForm STANDARD =
      WeightOnlyForm.builder(Product.DEQUANTIZE_LINEAR).tables(Tables.INTEGER_ROWS).build();

  /** As TensorRT has it. */
  static final WeightOnlyForm SYMMETRIC =
      WeightOnlyForm.builder(Product.DEQUANTIZE_LINEAR)
          .blocks(8)
          .blocks(4, 64, 128)
          .usualBlocks(128)
          .zeroPoints(false)
          .build();

  private WeightOnlyCases() {}

  static NumericPrecision precision(WeightQuantization options) {
    return options.bits() == 4 ? NumericPrecision.WEIGHTS4 : NumericPrecision.WEIGHTS8;
  }

  /** A plan with all that can have such weights. */
  static LayerPlan all(OnnxModel model, WeightOnlyForm form, WeightQuantization options) {
    WeightOnlyLayers found = WeightOnlyLayers.of(model, form, options);
    Map<String, LayerDecision> decisions = new LinkedHashMap<>();
    LayerDecision decision = new LayerDecision(precision(options), "test");
    found.products().forEach(p -> decisions.put(p.node(), decision));
    found.tables().forEach(t -> decisions.put(t, decision));
    return new LayerPlan(decisions);
  }

  static Map<NumericPrecision, WeightOnlyQuantization.Way> ways(
      WeightOnlyForm form, WeightQuantization options) {
    Variant first =
        form.variants(options.bits(), options.block(), options.floatActivations()).get(0);
    return Map.of(precision(options), new WeightOnlyQuantization.Way(options, first));
  }

  /** A pass over some nodes, in the most accurate way. */
  static WeightOnlyQuantization pass(
      WeightOnlyForm form,
      WeightQuantization options,
      LayerPlan plan,
      @Nullable CalibrationTable table) {
    return new WeightOnlyQuantization(form, ways(form, options), plan, table);
  }

  /** A pass over all that can have such weights. */
  static WeightOnlyQuantization pass(
      OnnxModel model, WeightOnlyForm form, WeightQuantization options) {
    return pass(form, options, all(model, form, options), null);
  }

  /** A pass over nodes by name, whether they can have such weights or not. */
  static WeightOnlyQuantization forced(
      WeightOnlyForm form, WeightQuantization options, String... nodes) {
    Map<String, LayerDecision> decisions = new LinkedHashMap<>();
    for (String node : nodes) {
      decisions.put(node, new LayerDecision(precision(options), "test"));
    }
    return pass(form, options, new LayerPlan(decisions), null);
  }

  static Variant blocks(int size) {
    return new Variant(size, OptionalInt.empty());
  }
}

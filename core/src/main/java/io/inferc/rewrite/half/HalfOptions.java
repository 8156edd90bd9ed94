package io.inferc.rewrite.half;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.KernelRules;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import org.jspecify.annotations.Nullable;

/** What a conversion to half precision was asked for. */
record HalfOptions(
    NumericPrecision precision,
    @Nullable LayerPlan plan,
    @Nullable CalibrationTable table,
    float limit,
    KernelRules kernels,
    boolean arithmetic,
    boolean quantizedNodes,
    boolean epilogues,
    boolean convertInterface) {
  DataType target() {
    return precision == NumericPrecision.FP16 ? DataType.FLOAT16 : DataType.BFLOAT16;
  }

  /** The precision that the plan has for a node; nodes it does not know are converted. */
  NumericPrecision planned(String node) {
    LayerDecision decision = plan == null ? null : plan.decisions().get(node);
    if (decision == null) {
      return precision;
    }
    return quantizedNodes && decision.precision().quantizes() ? precision : decision.precision();
  }

  String plannedReason(String node) {
    return plan == null ? "" : plan.of(node).reason();
  }
}

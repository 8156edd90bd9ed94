package io.inferc.rewrite.quantize;

import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Leaves the heads of detectors in floating point: the last convolutions before the scores and
 * boxes of several scales. They are a small part of the work, and rare objects are told from the
 * background by values that eight bits of all values do not hold.
 */
public final class DetectorHeads {
  private static final String REASON =
      "It is a head of a detector, whose rare scores 8 bits would lose; a rule can quantize it.";

  private DetectorHeads() {}

  /**
   * Takes the heads of a detector out of a plan.
   *
   * @param model the model
   * @param plan decisions on its nodes
   * @return the plan with heads in single precision where it has them at {@link
   *     NumericPrecision#INT8} and no rule asks for that; unchanged for other models
   */
  public static LayerPlan keep(OnnxModel model, LayerPlan plan) {
    if (!plan.uses(NumericPrecision.INT8)) {
      return plan;
    }
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(plan.decisions());
    for (Node node : ScorePaths.of(model.graph()).heads()) {
      String head = node.name();
      if (plan.precision(head) == NumericPrecision.INT8 && !plan.of(head).ruled()) {
        decisions.put(head, new LayerDecision(NumericPrecision.FP32, REASON));
      }
    }
    return new LayerPlan(decisions);
  }
}

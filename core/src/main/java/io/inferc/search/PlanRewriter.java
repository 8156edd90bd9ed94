package io.inferc.search;

import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerPlan;

/** Makes the model in which every layer has the precision of a plan. */
@FunctionalInterface
public interface PlanRewriter {
  /**
   * Rewrites the model that is searched.
   *
   * @param plan the precision of each node
   * @return the model; the same plan gives the same model
   * @throws io.inferc.common.InfercException if the model cannot be rewritten so
   */
  OnnxModel rewrite(LayerPlan plan);
}

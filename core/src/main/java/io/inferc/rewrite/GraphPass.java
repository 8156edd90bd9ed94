package io.inferc.rewrite;

import io.inferc.onnx.OnnxModel;

/**
 * One rewrite of a model. A pass computes the same function as before, within the precision it is
 * there to change.
 *
 * <p>Implementations are immutable and thread-safe. Applied to its own result, a pass changes
 * nothing.
 */
public interface GraphPass {
  /**
   * Returns what reports call the pass.
   *
   * @return for example {@code "fold-constants"}
   */
  String name();

  /**
   * Rewrites a model.
   *
   * @param model the model
   * @param log takes what was changed, and what was left alone and why
   * @return the changed model, or the very same object if there was nothing to change
   * @throws io.inferc.common.InfercException if the model cannot be rewritten as was asked
   */
  OnnxModel apply(OnnxModel model, RewriteLog log);
}

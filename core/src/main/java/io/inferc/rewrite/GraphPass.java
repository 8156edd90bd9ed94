package io.inferc.rewrite;

import io.inferc.onnx.OnnxModel;
import java.util.Optional;

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
   * Returns what must hold before the pass runs: which passes came before it, and what the model
   * and the target must have.
   *
   * @return the needs; nothing, unless the pass says otherwise
   */
  default PassNeeds needs() {
    return PassNeeds.nothing();
  }

  /**
   * Tells why the pass does not apply to a model; a pipeline asks before it applies the pass.
   *
   * @param model the model
   * @return the reason, a whole sentence; empty where the pass can be applied
   */
  default Optional<String> notApplicable(OnnxModel model) {
    return needs().unmetBy(model);
  }

  /**
   * Rewrites a model to which the pass applies.
   *
   * @param model the model, for which {@link #notApplicable} has no reason
   * @param log takes what was changed, and what was left alone and why
   * @return the changed model, or the very same object if there was nothing to change
   * @throws io.inferc.common.InfercException if the model cannot be rewritten as was asked
   */
  OnnxModel apply(OnnxModel model, RewriteLog log);
}

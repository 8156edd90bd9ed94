package io.inferc.rewrite;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Passes that run one after the other.
 *
 * <p>Immutable and thread-safe.
 */
public final class PassPipeline {
  private final List<GraphPass> passes;

  /**
   * Creates a pipeline.
   *
   * @param passes the passes in order
   */
  public PassPipeline(List<? extends GraphPass> passes) {
    this.passes = List.copyOf(passes);
  }

  /**
   * Runs all passes.
   *
   * @param model the model
   * @param log takes what was changed, and what was left alone and why
   * @return the changed model, or the same object if there was nothing to change
   */
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return apply(model, log, ProgressListener.none(), new Cancellation());
  }

  /**
   * Runs all passes.
   *
   * @param model the model
   * @param log takes what was changed, and what was left alone and why
   * @param progress hears of each pass, at stage {@link Stage#REWRITE}
   * @param cancellation stops before the next pass
   * @return the changed model, or the same object if there was nothing to change
   * @throws io.inferc.common.CancelledException if it was cancelled
   * @throws InfercException if a pass meets what no valid model has
   */
  public OnnxModel apply(
      OnnxModel model, RewriteLog log, ProgressListener progress, Cancellation cancellation) {
    OnnxModel current = model;
    for (int i = 0; i < passes.size(); i++) {
      cancellation.throwIfCancelled(Stage.REWRITE);
      GraphPass pass = passes.get(i);
      progress.onProgress(Stage.REWRITE, pass.name(), i, passes.size());
      current = apply(pass, current, log);
    }
    progress.onProgress(Stage.REWRITE, "done", passes.size(), passes.size());
    return current;
  }

  /** A model that no check refuses may still be none that its operators can have. */
  private static OnnxModel apply(GraphPass pass, OnnxModel model, RewriteLog log) {
    try {
      return pass.apply(model, log);
    } catch (InternalError e) {
      // What a page of a mapped file that is gone ends in.
      model.requireUnchangedFiles();
      throw e;
    } catch (IndexOutOfBoundsException
        | NoSuchElementException
        | ArithmeticException
        | NegativeArraySizeException
        | ClassCastException e) {
      throw new InfercException(
          Stage.REWRITE,
          "Tried to rewrite the model '"
              + model.graph().name()
              + "' with the pass "
              + pass.name()
              + ", but some node or constant is not as its operator needs it: "
              + e
              + ".",
          "Check that the original model runs at all; if it does, report this with the model.",
          e);
    }
  }

  /**
   * Returns the passes.
   *
   * @return the passes in order
   */
  public List<GraphPass> passes() {
    return passes;
  }
}

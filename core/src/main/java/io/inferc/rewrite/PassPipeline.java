package io.inferc.rewrite;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.internal.InnerGraphs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes that run one after the other, each where it applies. What they need of each other is
 * checked when the pipeline is built.
 *
 * <p>Immutable and thread-safe.
 */
public final class PassPipeline {
  private static final Logger LOG = LoggerFactory.getLogger(PassPipeline.class);

  private final List<GraphPass> ran;
  private final List<GraphPass> passes;
  private final Set<String> avoided;
  private final PassListener listener;

  private PassPipeline(Builder b) {
    ran = List.copyOf(b.ran);
    passes = List.copyOf(b.passes);
    avoided = Set.copyOf(b.avoided);
    listener = b.listener;
  }

  /**
   * Creates a pipeline for any target.
   *
   * @param passes the passes in order
   * @return the pipeline
   * @throws IllegalArgumentException if a pass is not where it needs to be
   */
  public static PassPipeline of(GraphPass... passes) {
    return builder().add(List.of(passes)).build();
  }

  /**
   * Starts a pipeline.
   *
   * @return a builder without passes
   */
  public static Builder builder() {
    return new Builder();
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
   * @param log takes what was changed, what was left alone and why, and a record of each pass
   * @param progress hears of each pass, at stage {@link Stage#REWRITE}
   * @param cancellation stops before the next pass
   * @return the changed model, or the same object if there was nothing to change
   * @throws io.inferc.common.CancelledException if it was cancelled
   * @throws InfercException if a pass meets what no valid model has
   */
  public OnnxModel apply(
      OnnxModel model, RewriteLog log, ProgressListener progress, Cancellation cancellation) {
    OnnxModel current = model;
    int nodes = count(model);
    for (int i = 0; i < passes.size(); i++) {
      cancellation.throwIfCancelled(Stage.REWRITE);
      GraphPass pass = passes.get(i);
      progress.onProgress(Stage.REWRITE, pass.name(), i, passes.size());
      long start = System.nanoTime();
      Optional<String> reason = notApplicable(pass, current);
      OnnxModel after = reason.isPresent() ? current : apply(pass, current, log);
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      @SuppressWarnings("ReferenceEquality") // What a pass leaves alone is the same object.
      boolean changed = after != current;
      int left = changed ? count(after) : nodes;
      PassRecord record = new PassRecord(pass.name(), reason, changed, time, nodes, left);
      log.ran(record);
      LOG.debug("{}: {}", model.graph().name(), record);
      listener.onPass(record, after);
      current = after;
      nodes = left;
    }
    progress.onProgress(Stage.REWRITE, "done", passes.size(), passes.size());
    return current;
  }

  private Optional<String> notApplicable(GraphPass pass, OnnxModel model) {
    return pass.needs().unmetByTarget(avoided).or(() -> pass.notApplicable(model));
  }

  private static int count(OnnxModel model) {
    return model.graph().nodes().size() + InnerGraphs.nodes(model).size();
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

  /** Builds a {@link PassPipeline}. */
  public static final class Builder {
    private final List<GraphPass> ran = new ArrayList<>();
    private final List<GraphPass> passes = new ArrayList<>();
    private Set<String> avoided = Set.of();
    private PassListener listener = PassListener.none();

    private Builder() {}

    /**
     * Lets the pipeline run on what another one left, whose passes need not run again.
     *
     * @param before the pipeline before this one
     * @return this
     */
    public Builder after(PassPipeline before) {
      ran.addAll(before.ran);
      ran.addAll(before.passes);
      return this;
    }

    /**
     * Leaves out passes that write operators of which the target has no good kernel.
     *
     * @param operators operator types, such as {@code HardSigmoid}
     * @return this
     */
    public Builder avoid(Set<String> operators) {
      avoided = operators;
      return this;
    }

    /**
     * Sets who sees the model after each pass; nobody by default.
     *
     * @param passListener the listener
     * @return this
     */
    public Builder listener(PassListener passListener) {
      listener = passListener;
      return this;
    }

    /**
     * Adds a pass.
     *
     * @param pass the next pass
     * @return this
     */
    public Builder add(GraphPass pass) {
      passes.add(pass);
      return this;
    }

    /**
     * Adds passes.
     *
     * @param next the next passes in order
     * @return this
     */
    public Builder add(Collection<? extends GraphPass> next) {
      passes.addAll(next);
      return this;
    }

    /**
     * Builds the pipeline.
     *
     * @return the pipeline
     * @throws IllegalArgumentException if a pass is not where it needs to be
     */
    public PassPipeline build() {
      PassOrder.require(ran, passes);
      return new PassPipeline(this);
    }
  }
}

package io.inferc;

import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassListener;
import io.inferc.rewrite.PassPipeline;
import io.inferc.rewrite.RewriteLog;
import java.util.List;
import java.util.Set;

/**
 * Runs pipelines on one model, each on what the one before left, whose passes it counts as run. Not
 * thread-safe.
 */
final class PassRun {
  private final Set<String> avoided;
  private final PassListener listener;
  private final Cancellation cancellation;
  private PassPipeline ran = PassPipeline.of();

  PassRun(Set<String> avoided, PassListener listener, Cancellation cancellation) {
    this.avoided = avoided;
    this.listener = listener;
    this.cancellation = cancellation;
  }

  /** Starts another run on the model that this one has come to. */
  PassRun fork() {
    PassRun fork = new PassRun(avoided, listener, cancellation);
    fork.ran = ran;
    return fork;
  }

  OnnxModel run(OnnxModel model, RewriteLog log, GraphPass... passes) {
    return run(model, log, ProgressListener.none(), List.of(passes));
  }

  OnnxModel run(
      OnnxModel model, RewriteLog log, ProgressListener progress, List<GraphPass> passes) {
    PassPipeline next =
        PassPipeline.builder().after(ran).avoid(avoided).listener(listener).add(passes).build();
    ran = next;
    return next.apply(model, log, progress, cancellation);
  }
}

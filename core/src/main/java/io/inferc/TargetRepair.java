package io.inferc;

import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.Dataset;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles a quantized model, holds it against the reference on the target, and leaves in floating
 * point what the target computes wrongly.
 */
final class TargetRepair {
  private static final Logger LOG = LoggerFactory.getLogger(TargetRepair.class);

  private final ModelRewriter rewriter;
  private final Step step;
  private final BackendRegistry.Opened reference;
  private final Dataset samples;
  private final Duration limit;
  private final Cancellation cancellation;

  /** Compiles a model that was rewritten. */
  @FunctionalInterface
  interface Step {
    ExecutableModel compile(ModelSource source, List<String> warnings);
  }

  /**
   * Prepares a compilation.
   *
   * @param limit after how long no further layers are tried
   */
  TargetRepair(
      ModelRewriter rewriter,
      Step step,
      BackendRegistry.Opened reference,
      Dataset samples,
      Duration limit,
      Cancellation cancellation) {
    this.rewriter = rewriter;
    this.step = step;
    this.reference = reference;
    this.samples = samples;
    this.limit = limit;
    this.cancellation = cancellation;
  }

  ExecutableModel compile() {
    OnnxModel written = rewriter.rewrite(rewriter.plan());
    ExecutableModel compiled = compile(written);
    boolean complete = false;
    try (TargetCheck check = check()) {
      Optional<TargetCheck.Loss> loss = check.loss(compiled, written);
      if (loss.isPresent()) {
        // Two of a large model may be more than the memory holds.
        compiled.close();
        compiled = mended(check, written, loss.get());
      }
      complete = true;
      return compiled;
    } finally {
      if (!complete) {
        compiled.close();
      }
    }
  }

  private TargetCheck check() {
    return TargetCheck.of(
        reference,
        samples,
        rewriter.cleaned(),
        new LayerPlan(rewriter.outcome()),
        rewriter.expected(),
        cancellation);
  }

  private ExecutableModel mended(TargetCheck check, OnnxModel written, TargetCheck.Loss loss) {
    TargetLayers.Found found =
        new TargetLayers(limit, cancellation, layers -> isRight(check, layers))
            .find(rewriter.ownLayers());
    boolean helps = !found.layers().isEmpty();
    if (helps) {
      rewriter.leaveOut(found.layers());
    }
    ExecutableModel compiled = compile(helps ? rewriter.rewrite(rewriter.plan()) : written);
    String warning =
        helps
            ? check.mended(compiled.target(), loss, found)
            : check.unmended(compiled.target(), loss);
    LOG.warn("{}: {}", compiled.name(), warning);
    compiled.warn(warning);
    return compiled;
  }

  private boolean isRight(TargetCheck check, Set<String> layers) {
    Set<String> without = new LinkedHashSet<>();
    rewriter.ownLayers().forEach(without::addAll);
    without.removeAll(layers);
    OnnxModel trial = rewriter.rewriteWithout(without);
    try (ExecutableModel compiled = compile(trial)) {
      return check.loss(compiled, trial).isEmpty();
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException e) {
      LOG.debug("Not with {} at INT8: {}", layers, e.getMessage());
      return false;
    }
  }

  private ExecutableModel compile(OnnxModel model) {
    try (ModelSource source = ModelSource.of(model)) {
      return step.compile(source, rewriter.warnings());
    }
  }
}

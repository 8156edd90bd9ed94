package io.inferc;

import io.inferc.calibrate.ReferenceOutputs;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.ComparableOutputs;
import io.inferc.rewrite.LayerPlan;
import io.inferc.rewrite.OutputNoise;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a quantized model on its target, on a few samples, beside the reference: scales that the
 * reference back end computes rightly are no proof that a target's own kernels and fusions do.
 */
final class TargetCheck {
  private static final Logger LOG = LoggerFactory.getLogger(TargetCheck.class);
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(10);
  // Four times the noise that the same integers make elsewhere is not a matter of rounding.
  private static final double LOST_DB = 6;

  private final BackendRegistry.Opened reference;
  private final Dataset samples;
  private final Cancellation cancellation;

  TargetCheck(BackendRegistry.Opened reference, Dataset samples, Cancellation cancellation) {
    this.reference = reference;
    this.samples = samples;
    this.cancellation = cancellation;
  }

  /**
   * Compares.
   *
   * @param compiled the quantized model on its target
   * @param original the model before it was quantized
   * @param quantized the model that the target was given
   * @param plan the precision of the original's nodes
   * @return what to tell the user, if the target computes much worse than the reference; nothing
   *     too if there is nothing to compare, or the samples do not fit the profiles
   */
  Optional<String> warning(
      CompiledModel compiled, OnnxModel original, OnnxModel quantized, LayerPlan plan) {
    List<String> outputs = ComparableOutputs.of(original.graph(), plan);
    if (outputs.isEmpty()) {
      return Optional.empty();
    }
    try (ReferenceOutputs few =
        new ReferenceOutputs(
            reference.backend(), reference.choice(), samples, NoiseCheck.SAMPLES, cancellation)) {
      List<Map<String, float[]>> expected = few.of(original, outputs);
      List<Map<String, float[]>> found =
          onTarget(compiled, few.samples().subList(0, expected.size()), outputs);
      double onTarget = noise(expected, found);
      if (onTarget >= NoiseCheck.QUIET_DB) {
        return Optional.empty();
      }
      double onReference = noise(expected, few.of(quantized, outputs));
      LOG.debug("{} dB on {}, {} dB on the reference", onTarget, compiled.target(), onReference);
      return onReference - onTarget < LOST_DB
          ? Optional.empty()
          : Optional.of(worse(compiled, onTarget, onReference));
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException | IllegalArgumentException e) {
      LOG.info("The model cannot be held against the reference here: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static double noise(
      List<Map<String, float[]>> expected, List<Map<String, float[]>> found) {
    int both = Math.min(expected.size(), found.size());
    return both == 0
        ? Double.POSITIVE_INFINITY
        : OutputNoise.sqnrDb(expected.subList(0, both), found.subList(0, both));
  }

  private List<Map<String, float[]>> onTarget(
      CompiledModel compiled, List<Map<String, Tensor>> inputs, List<String> outputs) {
    List<Map<String, float[]>> values = new ArrayList<>();
    long started = System.nanoTime();
    try (InferenceSession session = compiled.newSession()) {
      for (Map<String, Tensor> sample : inputs) {
        cancellation.throwIfCancelled(Stage.COMPILE);
        try (Outputs returned = session.run(sample)) {
          Map<String, float[]> read = new LinkedHashMap<>();
          returned.forEach(
              (name, tensor) -> {
                if (outputs.contains(name)) {
                  read.put(name, tensor.toFloatArray());
                }
              });
          values.add(read);
        }
        if (System.nanoTime() - started > LONG_ENOUGH.toNanos()) {
          break;
        }
      }
    }
    return values;
  }

  private String worse(CompiledModel compiled, double onTarget, double onReference) {
    String warning =
        String.format(
            Locale.ROOT,
            "At INT8 %s computes this model wrongly: on the first samples its outputs are %.1f dB"
                + " above their noise, where %s has %.1f dB with the same integers. Judge it with"
                + " a Tolerance before use, let Compiler.search find the layers that this target"
                + " quantizes rightly, or compile it at FP32.",
            compiled.target(),
            onTarget,
            reference.choice(),
            onReference);
    LOG.warn("{}: {}", compiled.name(), warning);
    return warning;
  }
}

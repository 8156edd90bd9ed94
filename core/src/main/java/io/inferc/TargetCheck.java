package io.inferc;

import io.inferc.calibrate.ReferenceOutputs;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.quantize.ComparableOutputs;
import io.inferc.rewrite.quantize.OutputNoise;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
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
 * Runs quantized models on their target, on a few samples, beside the reference: scales that the
 * reference back end computes rightly are no proof that a target's own kernels and fusions do.
 */
final class TargetCheck implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TargetCheck.class);
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(10);
  // Four times the noise that the same integers make elsewhere is not a matter of rounding.
  private static final double LOST_DB = 6;

  private final BackendRegistry.Opened reference;
  private final Cancellation cancellation;
  private final ReferenceOutputs few;
  private final List<Map<String, float[]>> expected;
  private final List<String> outputs;

  /** How far above their noise a model's outputs are, with the same integers. */
  record Loss(double onTargetDb, double onReferenceDb) {}

  private TargetCheck(
      BackendRegistry.Opened reference,
      Cancellation cancellation,
      ReferenceOutputs few,
      List<Map<String, float[]>> expected) {
    this.reference = reference;
    this.cancellation = cancellation;
    this.few = few;
    this.expected = expected;
    outputs = expected.isEmpty() ? List.of() : List.copyOf(expected.get(0).keySet());
  }

  /**
   * Prepares comparisons.
   *
   * @param samples what the models are run on, as far as they fit the profiles
   * @param original the model before it was quantized
   * @param plan the precision of the original's nodes
   * @param known what the original returns for the first samples, if that is known
   */
  static TargetCheck of(
      BackendRegistry.Opened reference,
      Dataset samples,
      OnnxModel original,
      LayerPlan plan,
      List<Map<String, float[]>> known,
      Cancellation cancellation) {
    ReferenceOutputs few =
        new ReferenceOutputs(
            reference.backend(), reference.choice(), samples, NoiseCheck.SAMPLES, cancellation);
    boolean complete = false;
    try {
      List<Map<String, float[]>> expected = known;
      List<String> outputs = ComparableOutputs.of(original.graph(), plan);
      if (expected.isEmpty() && !outputs.isEmpty()) {
        expected = expected(few, original, outputs);
      }
      TargetCheck check = new TargetCheck(reference, cancellation, few, expected);
      complete = true;
      return check;
    } finally {
      if (!complete) {
        few.close();
      }
    }
  }

  private static List<Map<String, float[]>> expected(
      ReferenceOutputs few, OnnxModel original, List<String> outputs) {
    try {
      return few.of(original, outputs);
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException | IllegalArgumentException e) {
      LOG.info("The model cannot be held against the reference here: {}", e.getMessage());
      return List.of();
    }
  }

  /**
   * Compares.
   *
   * @param compiled a quantized model on its target
   * @param quantized the model that the target was given
   * @return what the target loses, if it computes much worse than the reference; nothing too if
   *     there is nothing to compare, or the samples do not fit the profiles
   */
  Optional<Loss> loss(CompiledModel compiled, OnnxModel quantized) {
    if (outputs.isEmpty()) {
      return Optional.empty();
    }
    try {
      double onTarget =
          noise(expected, onTarget(compiled, few.samples().subList(0, expected.size())));
      if (onTarget >= NoiseCheck.QUIET_DB) {
        return Optional.empty();
      }
      double onReference = noise(expected, few.of(quantized, outputs));
      LOG.debug("{} dB on {}, {} dB on the reference", onTarget, compiled.target(), onReference);
      return onReference - onTarget < LOST_DB
          ? Optional.empty()
          : Optional.of(new Loss(onTarget, onReference));
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
      CompiledModel compiled, List<Map<String, Tensor>> inputs) {
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
                  read.put(name, ReferenceOutputs.values(tensor));
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

  /** Says what a model loses on the target, where nothing can be done about it. */
  String unmended(Target.Choice target, Loss loss) {
    return String.format(
        Locale.ROOT,
        "At INT8 %s computes this model wrongly: %s. Judge it with a Tolerance before use, let"
            + " Compiler.search find the layers that this target quantizes rightly, or compile it"
            + " at FP32.",
        target,
        text(loss));
  }

  /** Says which layers a model had to do without. */
  String mended(Target.Choice target, Loss loss, TargetLayers.Found found) {
    return String.format(
        Locale.ROOT,
        "%s left in FP32, since %s computes %s wrongly at INT8: %s.%s%s",
        NoiseCheck.names(List.copyOf(found.layers())),
        target,
        found.complete() ? "them" : "some of them",
        text(loss),
        found.complete() ? "" : " There was no time to find out which.",
        NoiseCheck.HOW);
  }

  private String text(Loss loss) {
    return String.format(
        Locale.ROOT,
        "on the first samples the outputs are %.1f dB above their noise, where %s has %.1f dB with"
            + " the same integers",
        loss.onTargetDb(),
        reference.choice(),
        loss.onReferenceDb());
  }

  @Override
  public void close() {
    few.close();
  }
}

package io.inferc;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.ReferenceOutputs;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.quantize.ComparableOutputs;
import io.inferc.rewrite.quantize.NoisyLayers;
import io.inferc.rewrite.quantize.StaticQuantization;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.Dataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the precision's own plan leaves out since 8 bits would do harm, and what is said of it. */
final class NoiseCheck {
  private static final Logger LOG = LoggerFactory.getLogger(NoiseCheck.class);
  static final int SAMPLES = 4;
  private static final int SHOWN = 5;
  // A hundredth of an output's power, a cosine of 0.995: many a use bears more, some do not.
  static final double QUIET_DB = 20;
  private static final int LONGEST_NAME = 60;
  static final String HOW =
      " To quantize them all the same, name them in a rule: Precision.quantize(Layers.named(...)).";

  private final Optional<Dataset> samples;
  private final BackendRegistry.@Nullable Opened reference;
  private final Cancellation cancellation;
  private NoisyLayers.@Nullable Found found;
  private List<Map<String, float[]>> expected = List.of();

  NoiseCheck(
      Optional<Dataset> samples,
      BackendRegistry.@Nullable Opened reference,
      Cancellation cancellation) {
    this.samples = samples;
    this.reference = reference;
    this.cancellation = cancellation;
  }

  /**
   * Looks for noisy layers once, if there are samples and a back end to run them in.
   *
   * @param original the model whose outputs are right
   * @param adjusted what is quantized: the original, or what was made of it for the sake of
   *     integers
   */
  void find(
      OnnxModel original,
      OnnxModel adjusted,
      CalibrationTable ranges,
      QuantizationDialect dialect,
      LayerPlan plan) {
    if (found != null || reference == null || samples.isEmpty()) {
      return;
    }
    found = NoisyLayers.Found.NOTHING;
    List<String> outputs = ComparableOutputs.of(original.graph(), plan);
    if (outputs.isEmpty() || NoisyLayers.of(plan).isEmpty()) {
      return;
    }
    try (ReferenceOutputs few =
        new ReferenceOutputs(
            reference.backend(), reference.choice(), samples.get(), SAMPLES, cancellation)) {
      expected = few.of(original, outputs);
      if (!expected.isEmpty()) {
        found = new NoisyLayers(adjusted, ranges, dialect, plan, few).find(expected);
      }
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException e) {
      LOG.info("The noise of layers cannot be measured here: {}", e.getMessage());
    }
    warnings().forEach(w -> LOG.warn("{}: {}", original.graph().name(), w));
  }

  /** What the original returns for the first samples; empty if it was not run. */
  List<Map<String, float[]>> expected() {
    return expected;
  }

  private Map<String, NoisyLayers.Harm> layers() {
    return found == null ? Map.of() : found.layers();
  }

  /** Takes the layers found out of a plan. */
  LayerPlan without(LayerPlan plan) {
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(plan.decisions());
    layers()
        .forEach(
            (node, harm) ->
                decisions.put(node, new LayerDecision(NumericPrecision.FP32, reason(harm))));
    return new LayerPlan(decisions);
  }

  private static String reason(NoisyLayers.Harm harm) {
    return String.format(
        Locale.ROOT,
        "left at FP32: at INT8 it brings the outputs to %.1f dB above their noise%s; a rule can"
            + " quantize it.",
        harm.afterDb(),
        Double.isInfinite(harm.beforeDb())
            ? ""
            : String.format(Locale.ROOT, ", from %.1f dB", harm.beforeDb()));
  }

  void note(StaticQuantization pass, RewriteLog log) {
    layers().forEach((node, harm) -> log.leftAlone(pass, node, reason(harm)));
  }

  List<String> warnings() {
    List<String> all = new ArrayList<>();
    if (!layers().isEmpty()) {
      all.add(
          names(List.copyOf(layers().keySet()))
              + " left in FP32, since at 8 bits they bury the model's outputs in noise."
              + HOW);
    }
    if (found != null && found.without().orElse(QUIET_DB) < QUIET_DB) {
      all.add(noisy(found));
    }
    return all;
  }

  private static String noisy(NoisyLayers.Found found) {
    return String.format(
        Locale.ROOT,
        "At INT8 the model's outputs are only %.1f dB above their noise on the first samples%s."
            + " Judge it with a Tolerance before use, or let Compiler.search find the layers that"
            + " can be quantized.",
        found.without().orElseThrow(),
        found.isNoisy() ? ", and no few layers are to blame" : "");
  }

  /** Says which heads of a detector were taken out of a plan; empty if none. */
  static Optional<String> keptHeads(LayerPlan asked, LayerPlan kept) {
    List<String> heads =
        asked.decisions().keySet().stream()
            .filter(n -> asked.precision(n) != kept.precision(n))
            .toList();
    return heads.isEmpty()
        ? Optional.empty()
        : Optional.of(
            names(heads)
                + " left in FP32 as the heads of a detector, whose rare scores 8 bits would lose."
                + HOW);
  }

  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
  }

  /** Names layers as the subject of a sentence, with its verb. */
  static String names(List<String> nodes) {
    String shown =
        nodes.stream().limit(SHOWN).map(NoiseCheck::shortened).collect(Collectors.joining(", "));
    return nodes.size() == 1
        ? "1 layer (" + shown + ") is"
        : nodes.size()
            + " layers ("
            + shown
            + (nodes.size() > SHOWN ? " and others" : "")
            + ") are";
  }
}

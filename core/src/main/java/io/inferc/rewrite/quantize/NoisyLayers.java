package io.inferc.rewrite.quantize;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.ReferenceOutputs;
import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the layers that at INT8 bury a model's outputs in noise: front ends that take the logarithm
 * of a spectrum, for example, whose quiet bands 8 bits of all of it do not hold.
 *
 * <p>The quantized model is compared with the original on a few samples. Only if it is too noisy,
 * the layer is searched by halving without which those before it leave the outputs quiet enough,
 * and with which they do not; and again without that layer. It may do harm alone, or together with
 * one before it, where integers go from both into a product or a sum. Most models cost two short
 * runs, and each layer found among n about {@code log2(n)} more.
 */
public final class NoisyLayers {
  // Noise of a sixteenth of an output's power. Text detection and a sentence encoder, which still
  // serve at INT8, were measured to have 14 dB, classifiers of images 30 and more; a mel front end
  // with half of its transform in integers has 10, and no longer serves what is behind it.
  private static final double LEAST_SQNR_DB = 12;

  private static final Logger LOG = LoggerFactory.getLogger(NoisyLayers.class);
  private static final int MOST_MODELS = 40;

  private final OnnxModel model;
  private final CalibrationTable ranges;
  private final QuantizationDialect dialect;
  private final LayerPlan plan;
  private final ReferenceOutputs reference;
  private int models;

  /**
   * What a layer does to the outputs.
   *
   * @param beforeDb the ratio of signal to noise with the layers before it quantized, in dB
   * @param afterDb the same with it quantized too
   */
  public record Harm(double beforeDb, double afterDb) {}

  /**
   * What was found.
   *
   * @param layers what each layer to leave out did, by node name
   * @param without the ratio in dB with the others quantized, empty if nothing could be compared
   */
  public record Found(Map<String, Harm> layers, OptionalDouble without) {
    /** Nothing to leave out, and nothing measured. */
    public static final Found NOTHING = new Found(Map.of(), OptionalDouble.empty());

    /**
     * Tells whether the model is too noisy without these layers too.
     *
     * @return true if the search ended before the noise did
     */
    public boolean isNoisy() {
      return without.isPresent() && without.getAsDouble() < LEAST_SQNR_DB;
    }
  }

  /**
   * Creates a check.
   *
   * @param model the model as it is before {@link StaticQuantization}
   * @param ranges the ranges of its activations
   * @param dialect the form of the runtime
   * @param plan which nodes shall be {@link NumericPrecision#INT8}; those that a rule says stay
   * @param reference runs the models on a few samples
   */
  public NoisyLayers(
      OnnxModel model,
      CalibrationTable ranges,
      QuantizationDialect dialect,
      LayerPlan plan,
      ReferenceOutputs reference) {
    this.model = model;
    this.ranges = ranges;
    this.dialect = dialect;
    this.plan = plan;
    this.reference = reference;
  }

  /**
   * Returns the layers that are looked at: those in integers with calibrated scales that no rule
   * asks for.
   *
   * @param plan the precision of each node
   * @return names of nodes, in the plan's order
   */
  public static List<String> of(LayerPlan plan) {
    Objects.requireNonNull(plan, "plan");
    return plan.decisions().entrySet().stream()
        .filter(e -> e.getValue().precision() == NumericPrecision.INT8 && !e.getValue().ruled())
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Searches; call it once.
   *
   * @param original what the model returns before it is quantized, for each sample: values by
   *     output, of one sample at least
   * @return what was found
   * @throws InfercException if a model cannot be run on the reference
   */
  public Found find(List<Map<String, float[]>> original) {
    Objects.requireNonNull(original, "original");
    List<String> layers = of(plan);
    double all = sqnr(layers, original);
    if (all >= LEAST_SQNR_DB) {
      return new Found(Map.of(), OptionalDouble.of(all));
    }
    return search(layers, all, original);
  }

  private Found search(List<String> layers, double all, List<Map<String, float[]>> original) {
    Map<String, Harm> found = new LinkedHashMap<>();
    List<String> kept = new ArrayList<>(layers);
    double whole = all;
    double before = Double.POSITIVE_INFINITY;
    int quiet = 0;
    while (whole < LEAST_SQNR_DB && models < MOST_MODELS) {
      // The first so many are quiet enough, and so many are too noisy.
      int noisy = kept.size();
      double after = whole;
      while (noisy - quiet > 1) {
        int middle = (quiet + noisy) / 2;
        double sqnr = sqnr(kept.subList(0, middle), original);
        if (sqnr < LEAST_SQNR_DB) {
          noisy = middle;
          after = sqnr;
        } else {
          quiet = middle;
          before = sqnr;
        }
      }
      found.put(kept.remove(noisy - 1), new Harm(before, after));
      whole = quiet == kept.size() ? before : sqnr(kept, original);
    }
    return new Found(found, OptionalDouble.of(whole));
  }

  private double sqnr(List<String> group, List<Map<String, float[]>> original) {
    models++;
    Set<String> kept = new LinkedHashSet<>(group);
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(plan.decisions());
    decisions.replaceAll(
        (node, d) ->
            d.precision() == NumericPrecision.INT8 && !kept.contains(node)
                ? new LayerDecision(NumericPrecision.FP32, "measured without it")
                : d);
    LayerPlan some = QuantizableLayers.withFollowers(model, dialect, new LayerPlan(decisions));
    OnnxModel quantized =
        new StaticQuantization(ranges, dialect, some).apply(model, new RewriteLog());
    List<String> names = List.copyOf(original.get(0).keySet());
    double sqnr = OutputNoise.sqnrDb(original, reference.of(quantized, names));
    LOG.debug("{} layers at INT8, from {}: {} dB", group.size(), group.get(0), sqnr);
    return sqnr;
  }
}

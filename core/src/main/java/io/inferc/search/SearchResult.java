package io.inferc.search;

import io.inferc.accuracy.AccuracyReport;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The mix of precisions that a search found.
 *
 * @param model what to compile for the target, in single precision as far as the model says nothing
 *     else: the best mix, or the model as it was given
 * @param plan the precision of each layer; all FP32 where reduced precision does not pay
 * @param asGiven true if the model is best compiled as it was given: neither a mix nor the clean-up
 *     alone was faster for certain within the tolerance
 * @param accuracy the best mix against the original, on all samples; without one, the cleaned-up
 *     model
 * @param benchmark the same on the workload
 * @param layers what each layer costs and gains, those that harm the outputs most first
 * @param steps the improvements, in order: how good the search was how early
 * @param trials how many mixes were tried
 * @param complete true if nothing was left to try when the search ended, false if its time was up
 * @param verdict the outcome for a person: what pays, or that nothing does
 */
public record SearchResult(
    OnnxModel model,
    LayerPlan plan,
    boolean asGiven,
    AccuracyReport accuracy,
    BenchmarkComparison benchmark,
    List<LayerCost> layers,
    List<SearchStep> steps,
    int trials,
    boolean complete,
    String verdict) {
  public SearchResult {
    layers = layers.stream().sorted(Comparator.comparingDouble(LayerCost::sqnrDb)).toList();
    steps = List.copyOf(steps);
  }

  /**
   * Tells whether any layer has a reduced precision.
   *
   * @return false if the search advises against it
   */
  public boolean reduces() {
    return plan.decisions().values().stream().anyMatch(d -> d.precision() != NumericPrecision.FP32);
  }

  /** Returns the verdict, and one line for each layer: what it costs alone, and what it saves. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(verdict);
    if (!layers.isEmpty()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%n  %-8s %-12s %10s  %14s  %10s  layer (* chosen)",
              "operator",
              "precision",
              "SQNR alone",
              "cosine alone",
              "saves"));
    }
    for (LayerCost c : layers) {
      text.append(
          String.format(
              Locale.ROOT,
              "%n  %-8s %-12s %7s dB  %14.5f  %s ms  %s",
              c.opType(),
              c.precision(),
              c.sqnrText(),
              c.cosine(),
              c.gainMillis().isPresent()
                  ? String.format(Locale.ROOT, "%+7.3f", c.gainMillis().getAsDouble())
                  : "      ?",
              c.node()));
      text.append(c.chosen() ? "  *" : "");
    }
    return text.toString();
  }
}

package io.inferc.search;

import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What each precision of each layer gains and harms, and what that lets one expect of a mix: gains
 * and the power of the noise are taken to add up.
 */
final class LayerEffects {
  // Gains of kinds are rough, so one that measures less may well be the better one.
  private static final double ABOUT_AS_MUCH = 0.6;

  private final Map<String, Map<NumericPrecision, Double>> gain = new LinkedHashMap<>();
  private final Map<String, Map<NumericPrecision, TrialStore.Judged>> harm = new LinkedHashMap<>();

  /** Notes the part of the original's latency that a layer saves. */
  void gains(String node, NumericPrecision precision, double part) {
    gain.computeIfAbsent(node, n -> new LinkedHashMap<>()).put(precision, part);
  }

  void harms(String node, NumericPrecision precision, TrialStore.Judged judged) {
    harm.computeIfAbsent(node, n -> new LinkedHashMap<>()).put(precision, judged);
  }

  Map<String, Map<NumericPrecision, TrialStore.Judged>> harms() {
    return harm;
  }

  OptionalDouble measuredGain(String node, NumericPrecision precision) {
    Double part = gain.getOrDefault(node, Map.of()).get(precision);
    return part == null ? OptionalDouble.empty() : OptionalDouble.of(part);
  }

  double gain(String node, NumericPrecision precision) {
    return measuredGain(node, precision).orElse(0);
  }

  /** The precision that saves most, FP32 if none saves anything. */
  NumericPrecision fastest(String node) {
    return gain.getOrDefault(node, Map.of()).entrySet().stream()
        .filter(e -> e.getValue() > 0)
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(NumericPrecision.FP32);
  }

  /** Of the precisions that save about as much as the fastest one, that with the least noise. */
  NumericPrecision gentlest(String node) {
    NumericPrecision fastest = fastest(node);
    double enough = ABOUT_AS_MUCH * gain(node, fastest);
    return gain.getOrDefault(node, Map.of()).entrySet().stream()
        .filter(e -> fastest != NumericPrecision.FP32 && e.getValue() >= enough)
        .min(Comparator.comparingDouble(e -> noise(node, e.getKey())))
        .map(Map.Entry::getKey)
        .orElse(fastest);
  }

  /** The power of the noise that a layer brings, relative to the signal. */
  double noise(String node, NumericPrecision precision) {
    TrialStore.Judged judged = harm.getOrDefault(node, Map.of()).get(precision);
    return judged == null ? 0 : Math.pow(10, -judged.sqnrDb() / 10);
  }

  double noise(LayerPlan plan) {
    return plan.decisions().entrySet().stream()
        .mapToDouble(e -> noise(e.getKey(), e.getValue().precision()))
        .sum();
  }

  double gain(LayerPlan plan) {
    return plan.decisions().entrySet().stream()
        .mapToDouble(e -> gain(e.getKey(), e.getValue().precision()))
        .sum();
  }

  /** The layers of a plan that are not in FP32, what harms most for what it saves first. */
  List<String> worstFirst(LayerPlan plan) {
    List<String> changed = new ArrayList<>();
    plan.decisions()
        .forEach(
            (node, d) -> {
              if (d.precision() != NumericPrecision.FP32) {
                changed.add(node);
              }
            });
    changed.sort(Comparator.comparingDouble(n -> -cost(n, plan.precision(n))));
    return changed;
  }

  private double cost(String node, NumericPrecision precision) {
    return noise(node, precision) / Math.max(gain(node, precision), 1e-4);
  }
}

package io.inferc.accuracy;

import java.util.EnumMap;
import java.util.Map;

/** Remembers the sample with the worst value of each metric, the first of them. */
final class WorstSamples {
  private final Map<Metric, OutputAccuracy.WorstSample> worst = new EnumMap<>(Metric.class);

  void note(Metric metric, long sample, double value) {
    OutputAccuracy.WorstSample known = worst.get(metric);
    boolean worse =
        known == null || (metric.higherIsBetter() ? value < known.value() : value > known.value());
    if (worse) {
      worst.put(metric, new OutputAccuracy.WorstSample(sample, value));
    }
  }

  /** Returns the worst samples of some metrics. */
  Map<Metric, OutputAccuracy.WorstSample> of(Map<Metric, Double> metrics) {
    Map<Metric, OutputAccuracy.WorstSample> found = new EnumMap<>(worst);
    found.keySet().retainAll(metrics.keySet());
    return found;
  }
}

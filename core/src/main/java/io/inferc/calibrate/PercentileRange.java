package io.inferc.calibrate;

/**
 * The range that holds a share of the values, the rest cut off half at each end. Within a bin
 * values count as evenly spread, so an end is off by a bin's width at most.
 */
final class PercentileRange {
  private PercentileRange() {}

  static ClipRange of(Distribution values, double percent) {
    double cut = values.total() * (100 - percent) / 200;
    float low = quantile(values, cut);
    float high = quantile(values, values.total() - cut);
    return new ClipRange(low, Math.max(low, high));
  }

  private static float quantile(Distribution values, double rank) {
    long[] counts = values.counts();
    double before = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && before + counts[i] >= rank) {
        double start = values.edge(i);
        double end = values.edge(i + 1);
        double share = Math.max(0, (rank - before) / counts[i]);
        return (float) (start + share * (end - start));
      }
      before += counts[i];
    }
    return values.max();
  }
}

package io.inferc.benchmark.statistics;

import java.util.Arrays;

/** Takes out single values that say nothing of the level around them. */
final class Outliers {
  private static final int NEIGHBOURS = 12;
  private static final double SPREADS = 3;

  private Outliers() {}

  /**
   * Puts each value that is further from the median of its neighbours than three times what lies
   * between their 10th and 90th percentile to that median, after Barrett et al. 2017, section 4. A
   * new level of more than a tenth of the neighbours is no outlier, and what stands out from the
   * very first value on is warm-up, however short.
   */
  static double[] levelled(double[] values) {
    double[] levelled = values.clone();
    boolean started = false;
    for (int i = 0; i < values.length; i++) {
      double[] window = neighbours(values, i);
      double median = Medians.of(window);
      double spread = Medians.quantile(window, 0.9) - Medians.quantile(window, 0.1);
      boolean outlier = Math.abs(values[i] - median) > SPREADS * spread;
      started = started || !outlier;
      if (started && outlier) {
        levelled[i] = median;
      }
    }
    return levelled;
  }

  private static double[] neighbours(double[] values, int i) {
    int from = Math.max(0, Math.min(i - NEIGHBOURS, values.length - 2 * NEIGHBOURS - 1));
    int to = Math.min(values.length, from + 2 * NEIGHBOURS + 1);
    double[] window = Arrays.copyOfRange(values, from, to);
    Arrays.sort(window);
    return window;
  }
}

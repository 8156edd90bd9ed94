package io.inferc.benchmark.statistics;

import org.hipparchus.distribution.continuous.TDistribution;

/**
 * The interval of a ratio of means (E. C. Fieller, "Some Problems in Interval Estimation", Journal
 * of the Royal Statistical Society B 16 (1954)) of independent samples.
 */
final class Fieller {
  private static final int MOST_PROCESSES = 1_000_000;

  private Fieller() {}

  static RatioEstimate ratio(
      NestedEstimate.Variation x, NestedEstimate.Variation y, double confidence) {
    int freedom = Math.min(x.processes(), y.processes()) - 1;
    double t = quantile(freedom, confidence);
    double hx = t * t * x.meanVariance() / x.processes();
    double hy = t * t * y.meanVariance() / y.processes();
    double product = x.mean() * y.mean();
    double divisor = y.mean() * y.mean() - hy;
    double ratio = x.mean() / y.mean();
    if (divisor <= 0) {
      // The mean below may be 0 for all that is known, so no ratio is too great.
      return new RatioEstimate(ratio, 0, Double.POSITIVE_INFINITY, confidence);
    }
    double root = Math.sqrt(Math.max(0, product * product - divisor * (x.mean() * x.mean() - hx)));
    return new RatioEstimate(
        ratio, Math.max(0, (product - root) / divisor), (product + root) / divisor, confidence);
  }

  /** Returns the least number of processes whose interval of the ratio is narrow enough. */
  static int processes(double relativeVariance, double precision, double confidence) {
    int low = 1;
    int high = MOST_PROCESSES;
    while (high - low > 1) {
      int middle = low + (high - low) / 2;
      double half = quantile(middle - 1, confidence) * Math.sqrt(relativeVariance / middle);
      if (half <= precision) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /** Returns Student's quantile for an interval of both sides. */
  static double quantile(int freedom, double confidence) {
    return new TDistribution(freedom).inverseCumulativeProbability((1 + confidence) / 2);
  }
}

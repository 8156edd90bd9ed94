package io.inferc.benchmark.statistics;

import java.util.Locale;
import java.util.Objects;

/**
 * What a percentile is not above, with a stated confidence: what a latency limit is held against,
 * so that a load counts as kept when it is shown to be, and not when luck hides that it is not.
 *
 * <p>The bound is a sample, by the method of {@link PercentileEstimate}, with all that the
 * confidence leaves on one side.
 *
 * @param percentile between 0 and 100, for example 99
 * @param bound in the unit of the samples, positive infinity if the samples are too few for one
 * @param confidence the least probability that the percentile is no higher, for example 0.95
 * @param samples how many samples there were
 * @param effectiveSamples how many independent ones they were taken for
 */
public record PercentileBound(
    double percentile, double bound, double confidence, long samples, double effectiveSamples) {

  /**
   * Bounds a percentile of samples that do not depend on each other.
   *
   * @param samples in any order, at least 1; a request without an answer may be an infinite sample
   * @param percentile above 0 and below 100
   * @param confidence above 0 and below 1
   * @return the bound
   * @throws IllegalArgumentException if an argument is out of its range, or a sample not a number
   */
  public static PercentileBound of(double[] samples, double percentile, double confidence) {
    double[] sorted = PercentileEstimate.sorted(samples, percentile, confidence);
    return ofSorted(sorted, sorted.length, percentile, confidence);
  }

  /**
   * Bounds a percentile of samples that may resemble those shortly before them.
   *
   * @param series in the order of time, at least 1; a request without an answer may be an infinite
   *     sample
   * @param percentile above 0 and below 100
   * @param confidence above 0 and below 1
   * @return the bound
   * @throws IllegalArgumentException if an argument is out of its range, or a sample not a number
   */
  public static PercentileBound ofSeries(double[] series, double percentile, double confidence) {
    Objects.requireNonNull(series, "series");
    double[] sorted = PercentileEstimate.sorted(series, percentile, confidence);
    double effective = PercentileEstimate.effective(series, sorted, percentile);
    return ofSorted(sorted, effective, percentile, confidence);
  }

  /**
   * Returns how many independent samples it takes for a bound.
   *
   * @param percentile above 0 and below 100
   * @param confidence above 0 and below 1
   * @return the least number, for example 299 for P99 with 0.95
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public static long samplesNeeded(double percentile, double confidence) {
    double quantile = Checks.requirePercentile(percentile);
    Checks.requireConfidence(confidence);
    return OrderStatistics.leastForUpperBound(quantile, 1 - confidence);
  }

  /**
   * Returns whether the percentile is shown to keep a limit.
   *
   * @param limit in the unit of the samples
   * @return whether the bound is no higher; false does not say that the limit is broken, see {@link
   *     PercentileEstimate#low()}
   */
  public boolean keeps(double limit) {
    return bound <= limit;
  }

  /** Returns text such as {@code P99 at most 13.1 (confidence 0.95)}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "P%s at most %.4g (confidence %s)", percentile, bound, confidence);
  }

  private static PercentileBound ofSorted(
      double[] sorted, double effective, double percentile, double confidence) {
    int n = sorted.length;
    int rank = (int) OrderStatistics.upperRank(n, effective, percentile / 100, 1 - confidence);
    return new PercentileBound(
        percentile,
        rank > n ? Double.POSITIVE_INFINITY : sorted[rank - 1],
        confidence,
        n,
        effective);
  }
}

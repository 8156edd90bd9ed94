package io.inferc.benchmark.statistics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * A percentile of samples with the interval that holds the true one, whatever their distribution.
 *
 * <p>The bounds are samples themselves, those whose ranks the binomial distribution gives; each
 * leaves out the true percentile with at most half of what the confidence leaves. See H. A. David
 * and H. N. Nagaraja, "Order Statistics", 3rd edition, section 7.1, and for its use on latencies
 * J.-Y. Le Boudec, "Performance Evaluation of Computer and Communication Systems", section 2.2. Few
 * samples bound a high percentile from below alone: {@code high} is then infinite.
 *
 * @param percentile between 0 and 100, for example 99.9
 * @param value the sample at or below which that share of the samples lies (nearest rank), in the
 *     unit of the samples
 * @param low the lower bound, negative infinity if the samples are too few for one
 * @param high the upper bound, positive infinity if the samples are too few for one
 * @param confidence the least probability that the interval holds the percentile, for example 0.95
 * @param samples how many samples there were
 * @param effectiveSamples how many independent ones they were taken for
 */
public record PercentileEstimate(
    double percentile,
    double value,
    double low,
    double high,
    double confidence,
    long samples,
    double effectiveSamples) {

  /**
   * Estimates a percentile of samples that do not depend on each other.
   *
   * @param samples in any order, at least 1; a request without an answer may be an infinite sample
   * @param percentile above 0 and below 100
   * @param confidence above 0 and below 1
   * @return the estimate
   * @throws IllegalArgumentException if an argument is out of its range, or a sample not a number
   */
  public static PercentileEstimate of(double[] samples, double percentile, double confidence) {
    double[] sorted = sorted(samples, percentile, confidence);
    return ofSorted(sorted, sorted.length, percentile, confidence);
  }

  /**
   * Estimates a percentile of samples that may resemble those shortly before them, as those of
   * requests in one queue do: the interval is as wide as the {@link EffectiveSampleSize} for that
   * percentile demands.
   *
   * @param series in the order of time, at least 1; a request without an answer may be an infinite
   *     sample
   * @param percentile above 0 and below 100
   * @param confidence above 0 and below 1
   * @return the estimate
   * @throws IllegalArgumentException if an argument is out of its range, or a sample not a number
   */
  public static PercentileEstimate ofSeries(double[] series, double percentile, double confidence) {
    Objects.requireNonNull(series, "series");
    double[] sorted = sorted(series, percentile, confidence);
    double effective = effective(series, sorted, percentile);
    return ofSorted(sorted, effective, percentile, confidence);
  }

  /**
   * Returns how many independent samples it takes for an upper bound.
   *
   * @param percentile above 0 and below 100
   * @param confidence of the interval, above 0 and below 1
   * @return the least number, for example 3,688 for P99.9 with 0.95
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public static long samplesForUpperBound(double percentile, double confidence) {
    double quantile = Checks.requirePercentile(percentile);
    Checks.requireConfidence(confidence);
    return OrderStatistics.leastForUpperBound(quantile, (1 - confidence) / 2);
  }

  /**
   * Returns the lower bound, if there is one.
   *
   * @return in the unit of the samples, empty if the samples were too few
   */
  public OptionalDouble lowerBound() {
    return low == Double.NEGATIVE_INFINITY ? OptionalDouble.empty() : OptionalDouble.of(low);
  }

  /**
   * Returns the upper bound, if there is a finite one.
   *
   * @return in the unit of the samples, empty if the samples were too few or too many were infinite
   */
  public OptionalDouble upperBound() {
    return high == Double.POSITIVE_INFINITY ? OptionalDouble.empty() : OptionalDouble.of(high);
  }

  /** Returns text such as {@code P99 12.3 [11.9, 13.1]} or {@code P99.9 14 [13.2, unbounded)}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "P%s %.4g %s, %s",
        percentile == Math.rint(percentile) ? Long.toString((long) percentile) : percentile,
        value,
        lowerBound().isPresent() ? String.format(Locale.ROOT, "[%.4g", low) : "(unbounded",
        upperBound().isPresent() ? String.format(Locale.ROOT, "%.4g]", high) : "unbounded)");
  }

  static double[] sorted(double[] samples, double percentile, double confidence) {
    Checks.requirePercentile(percentile);
    Checks.requireConfidence(confidence);
    Checks.requireSamples(samples, 1, "estimate a percentile");
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  /**
   * A few bursts hold all that is beyond a high percentile, and tell little of how long bursts
   * last; so the percentile with twice as many samples beyond is asked too, and the lower number
   * counts.
   */
  static double effective(double[] series, double[] sorted, double percentile) {
    double quantile = percentile / 100;
    double rarer = Math.min(quantile, 1 - quantile);
    double towardsMedian = quantile < 0.5 ? 2 * rarer : 1 - 2 * rarer;
    return Math.min(
        effectiveAt(series, sorted, quantile), effectiveAt(series, sorted, towardsMedian));
  }

  private static double effectiveAt(double[] series, double[] sorted, double quantile) {
    long rank = OrderStatistics.quantileRank(sorted.length, quantile);
    return EffectiveSampleSize.ofIndicator(series, sorted[(int) rank - 1]).effective();
  }

  private static PercentileEstimate ofSorted(
      double[] sorted, double effective, double percentile, double confidence) {
    double quantile = percentile / 100;
    double alpha = (1 - confidence) / 2;
    int n = sorted.length;
    int low = (int) OrderStatistics.lowerRank(n, effective, quantile, alpha);
    int high = (int) OrderStatistics.upperRank(n, effective, quantile, alpha);
    return new PercentileEstimate(
        percentile,
        sorted[(int) OrderStatistics.quantileRank(n, quantile) - 1],
        low == 0 ? Double.NEGATIVE_INFINITY : sorted[low - 1],
        high > n ? Double.POSITIVE_INFINITY : sorted[high - 1],
        confidence,
        n,
        effective);
  }
}

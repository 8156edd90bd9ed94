package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.LatencyHistogram;
import io.inferc.benchmark.statistics.PercentileBound;
import io.inferc.benchmark.statistics.PercentileEstimate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Times of requests, in milliseconds, in the order in which the requests were meant to start.
 *
 * <p>A request that was not answered by the end of the run counts as one that took forever, since
 * leaving it out would make the slowest answers look better the more of them are missing. Intervals
 * allow for requests that resemble their neighbours, as those in one queue do. Immutable and safe
 * for use by several threads.
 */
public final class LatencyDistribution {
  /** The percentiles that reports have. */
  public static final List<Double> PERCENTILES = List.of(50.0, 90.0, 95.0, 99.0, 99.9);

  private static final double CONFIDENCE = 0.95;
  private static final double NANOS_PER_MILLI = 1e6;

  private final double[] series;
  private final ConcurrentHashMap<Double, PercentileEstimate> estimates = new ConcurrentHashMap<>();

  private LatencyDistribution(double[] series) {
    this.series = series;
  }

  static LatencyDistribution ofNanos(double[] nanos) {
    return new LatencyDistribution(Arrays.stream(nanos).map(n -> n / NANOS_PER_MILLI).toArray());
  }

  static LatencyDistribution ofMillis(double[] millis) {
    return new LatencyDistribution(millis);
  }

  /** Takes those of several runs together, one after the other. */
  static LatencyDistribution together(List<LatencyDistribution> parts) {
    return new LatencyDistribution(
        parts.stream().flatMapToDouble(part -> Arrays.stream(part.series)).toArray());
  }

  /**
   * Returns how many times there are.
   *
   * @return the number, with the {@link #endless} ones
   */
  public int count() {
    return series.length;
  }

  /**
   * Returns how many requests had no answer when the run ended.
   *
   * @return the number
   */
  public long endless() {
    return Arrays.stream(series).filter(Double::isInfinite).count();
  }

  /**
   * Returns the mean of the times that ended.
   *
   * @return milliseconds, empty if there is none
   */
  public OptionalDouble mean() {
    return Arrays.stream(series).filter(Double::isFinite).average();
  }

  /**
   * Returns the longest time.
   *
   * @return milliseconds, infinite if a request had no answer, empty if there are no times
   */
  public OptionalDouble max() {
    return Arrays.stream(series).max();
  }

  /**
   * Estimates a percentile with its interval of 95 % confidence.
   *
   * @param percentile above 0 and below 100
   * @return the estimate, in milliseconds; infinite where more requests had no answer
   * @throws IllegalArgumentException if the percentile is out of its range, or there are no times
   */
  public PercentileEstimate percentile(double percentile) {
    requireTimes();
    return estimates.computeIfAbsent(
        percentile, p -> PercentileEstimate.ofSeries(series, p, CONFIDENCE));
  }

  /** The percentile alone, which takes less time than its interval. */
  double quantile(double percentile) {
    requireTimes();
    double[] sorted = series.clone();
    Arrays.sort(sorted);
    // Keeps 99.9 / 100 * 1000, which is a little more than 999, from asking for the last.
    int rank = (int) Math.ceil(percentile / 100 * sorted.length * (1 - 1e-12));
    return sorted[Math.max(0, Math.min(sorted.length, rank) - 1)];
  }

  /**
   * Estimates all {@link #PERCENTILES}.
   *
   * @return the estimates in that order, none if there are no times
   */
  public List<PercentileEstimate> percentiles() {
    return series.length == 0 ? List.of() : PERCENTILES.stream().map(this::percentile).toList();
  }

  /**
   * Says what a percentile is not above.
   *
   * @param percentile above 0 and below 100
   * @param confidence above 0 and below 1
   * @return the bound, in milliseconds; infinite if the times are too few for one
   * @throws IllegalArgumentException if an argument is out of its range, or there are no times
   */
  public PercentileBound bound(double percentile, double confidence) {
    requireTimes();
    return PercentileBound.ofSeries(series, percentile, confidence);
  }

  /**
   * Returns how many times are within a limit.
   *
   * @param limit the limit
   * @return the number of those no longer than it
   */
  public long within(Duration limit) {
    double millis = Objects.requireNonNull(limit, "limit").toNanos() / NANOS_PER_MILLI;
    return Arrays.stream(series).filter(t -> t <= millis).count();
  }

  /**
   * Returns how often each time occurred, which can be merged with that of other runs.
   *
   * @return the histogram, without the {@link #endless} ones
   */
  public LatencyHistogram histogram() {
    return LatencyHistogram.of(
        Arrays.stream(series)
            .filter(Double::isFinite)
            .mapToLong(t -> Math.round(t * NANOS_PER_MILLI))
            .toArray());
  }

  /**
   * Returns the times in order.
   *
   * @return a copy, in milliseconds
   */
  public double[] toArray() {
    return series.clone();
  }

  private void requireTimes() {
    if (series.length == 0) {
      throw new IllegalArgumentException(
          "Tried to estimate a percentile of no times: no request was answered.");
    }
  }

  /** Returns one line with all percentiles. */
  @Override
  public String toString() {
    return series.length == 0
        ? "no requests"
        : percentiles().stream()
            .map(PercentileEstimate::toString)
            .collect(
                Collectors.joining(
                    "; ", "", String.format(Locale.ROOT, " ms, %,d requests", count())));
  }
}

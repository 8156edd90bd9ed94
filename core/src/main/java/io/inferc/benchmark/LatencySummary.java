package io.inferc.benchmark;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Latencies in milliseconds, exact to three digits.
 *
 * @param count how many runs
 * @param mean the mean
 * @param p50 the median
 * @param p95 95 % of the runs took no longer
 * @param p99 99 % of the runs took no longer
 * @param max the longest run
 */
public record LatencySummary(
    long count, double mean, double p50, double p95, double p99, double max) {
  private static final double NANOS_PER_MILLI = 1e6;

  static LatencySummary of(Histogram nanos) {
    return new LatencySummary(
        nanos.getTotalCount(),
        nanos.getMean() / NANOS_PER_MILLI,
        nanos.getValueAtPercentile(50) / NANOS_PER_MILLI,
        nanos.getValueAtPercentile(95) / NANOS_PER_MILLI,
        nanos.getValueAtPercentile(99) / NANOS_PER_MILLI,
        nanos.getMaxValue() / NANOS_PER_MILLI);
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "p50 %.3f ms, p95 %.3f ms, p99 %.3f ms, %,d runs", p50, p95, p99, count);
  }
}

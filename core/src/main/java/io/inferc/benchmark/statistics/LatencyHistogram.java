package io.inferc.benchmark.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * How often each latency occurred, in nanoseconds, to three significant digits: a value that is
 * read is at most 0.1 % above what was recorded, and never below. Histograms of threads, processes
 * and runs are merged without loss, and kept as text of some hundred characters.
 *
 * <p>The text is the compressed form (version 2) of HdrHistogram, in Base64, as its logs hold it,
 * so that other tools can read it.
 *
 * <p>Immutable and safe for use by several threads, unlike its {@link Builder}.
 */
public final class LatencyHistogram {
  private final Histogram counts;
  private final double mean;

  private LatencyHistogram(Histogram counts) {
    this.counts = counts;
    // Here because HdrHistogram's mean walks an iterator that all threads share.
    this.mean = counts.getMean();
  }

  /**
   * A run of latencies next to each other that are counted as one.
   *
   * @param from the lowest, in nanoseconds
   * @param to the highest, in nanoseconds
   * @param count how many were recorded, at least 1
   */
  public record Bucket(long from, long to, long count) {}

  /**
   * A point of the curve of percentiles.
   *
   * @param percentile from 0 to 100
   * @param nanos the latency that this share did not exceed
   */
  public record Point(double percentile, long nanos) {}

  /**
   * Returns an empty builder.
   *
   * @return for one thread; give each thread its own and merge
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the histogram of latencies at hand.
   *
   * @param nanos in nanoseconds, none negative
   * @return the histogram
   * @throws IllegalArgumentException if one is negative
   */
  public static LatencyHistogram of(long... nanos) {
    Objects.requireNonNull(nanos, "nanos");
    Builder builder = builder();
    for (long value : nanos) {
      builder.record(value);
    }
    return builder.build();
  }

  /**
   * Returns the histogram of all that some histograms hold.
   *
   * @param histograms any number
   * @return the histogram, empty if there are none
   */
  public static LatencyHistogram merged(Collection<LatencyHistogram> histograms) {
    Objects.requireNonNull(histograms, "histograms");
    Histogram sum = empty();
    histograms.forEach(each -> sum.add(each.counts));
    return new LatencyHistogram(sum);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @param text Base64
   * @return the histogram
   * @throws IllegalArgumentException if the text is no histogram of three digits, or is damaged
   */
  public static LatencyHistogram decode(String text) {
    return new LatencyHistogram(HistogramText.read(Objects.requireNonNull(text, "text")));
  }

  /**
   * Returns the histogram as text, for a file or another process.
   *
   * @return Base64, without line breaks
   */
  public String encode() {
    return HistogramText.write(counts.copy());
  }

  /**
   * Returns how many latencies were recorded.
   *
   * @return 0 or more
   */
  public long count() {
    return counts.getTotalCount();
  }

  /**
   * Returns the shortest latency.
   *
   * @return in nanoseconds
   * @throws IllegalStateException if the histogram is empty
   */
  public long min() {
    recorded("the minimum");
    return atRank(1);
  }

  /**
   * Returns the longest latency.
   *
   * @return in nanoseconds
   * @throws IllegalStateException if the histogram is empty
   */
  public long max() {
    return recorded("the maximum").getMaxValue();
  }

  /**
   * Returns the mean of the middles of the buckets.
   *
   * @return in nanoseconds, at most 0.05 % from the mean of what was recorded
   * @throws IllegalStateException if the histogram is empty
   */
  public double mean() {
    recorded("the mean");
    return mean;
  }

  /**
   * Returns a percentile.
   *
   * @param percentile from 0 to 100
   * @return the latency in nanoseconds that this share did not exceed
   * @throws IllegalArgumentException if the percentile is out of range
   * @throws IllegalStateException if the histogram is empty
   */
  public long percentile(double percentile) {
    if (!(percentile >= 0 && percentile <= 100)) {
      throw new IllegalArgumentException(
          "Tried to read percentile " + percentile + "; it must lie from 0 to 100.");
    }
    recorded("percentile " + percentile);
    return atRank(OrderStatistics.quantileRank(count(), percentile / 100));
  }

  /**
   * Estimates a percentile with its interval.
   *
   * @param percentile above 0 and below 100
   * @param confidence above 0 and below 1
   * @param effectiveSamples how many independent samples the latencies are worth, for example from
   *     {@link EffectiveSampleSize}, or {@link #count()} if none depends on another
   * @return the estimate in nanoseconds, as that of {@link PercentileEstimate}
   * @throws IllegalArgumentException if an argument is out of its range
   * @throws IllegalStateException if the histogram is empty
   */
  public PercentileEstimate estimate(
      double percentile, double confidence, double effectiveSamples) {
    double quantile = Checks.requirePercentile(percentile);
    Checks.requireConfidence(confidence);
    recorded("percentile " + percentile);
    if (!(effectiveSamples >= 1 && effectiveSamples <= count())) {
      throw new IllegalArgumentException(
          "Tried to take "
              + count()
              + " samples for "
              + effectiveSamples
              + " independent ones; it must be at least 1 and no more than there are.");
    }
    double alpha = (1 - confidence) / 2;
    long n = count();
    long low = OrderStatistics.lowerRank(n, effectiveSamples, quantile, alpha);
    long high = OrderStatistics.upperRank(n, effectiveSamples, quantile, alpha);
    return new PercentileEstimate(
        percentile,
        percentile(percentile),
        low == 0 ? Double.NEGATIVE_INFINITY : atRank(low),
        high > n ? Double.POSITIVE_INFINITY : atRank(high),
        confidence,
        n,
        effectiveSamples);
  }

  /**
   * Returns how many latencies were longer than a limit, to three digits of the limit.
   *
   * @param nanos the limit in nanoseconds, 0 or more
   * @return the number
   */
  public long countAbove(long nanos) {
    if (nanos < 0) {
      throw new IllegalArgumentException(
          "Tried to count latencies above " + nanos + " ns; a limit is 0 or more.");
    }
    long above = 0;
    for (HistogramIterationValue value : counts.recordedValues()) {
      if (counts.lowestEquivalentValue(value.getValueIteratedTo()) > nanos) {
        above += value.getCountAtValueIteratedTo();
      }
    }
    return above;
  }

  /**
   * Returns what was recorded, for a chart of how often each latency occurred.
   *
   * @return in ascending order, without empty ones
   */
  public List<Bucket> buckets() {
    List<Bucket> buckets = new ArrayList<>();
    for (HistogramIterationValue value : counts.recordedValues()) {
      long at = value.getValueIteratedTo();
      buckets.add(
          new Bucket(
              counts.lowestEquivalentValue(at),
              counts.highestEquivalentValue(at),
              value.getCountAtValueIteratedTo()));
    }
    return List.copyOf(buckets);
  }

  /**
   * Returns the curve of percentiles, denser the closer to 100 %, as charts of latency on a
   * logarithmic scale of nines need it.
   *
   * @param pointsPerHalving how many points there are on each half of what is left to 100 %, 1 or
   *     more; 5 is usual
   * @return in ascending order, the last at 100 %; empty if the histogram is
   */
  public List<Point> curve(int pointsPerHalving) {
    if (pointsPerHalving < 1) {
      throw new IllegalArgumentException(
          "Tried to draw a curve with "
              + pointsPerHalving
              + " points for each half of what is left to 100 %; it takes at least 1.");
    }
    List<Point> curve = new ArrayList<>();
    for (HistogramIterationValue value : counts.percentiles(pointsPerHalving)) {
      curve.add(new Point(value.getPercentileLevelIteratedTo(), value.getValueIteratedTo()));
    }
    return List.copyOf(curve);
  }

  /**
   * Returns the histogram of what this one and another hold.
   *
   * @param other what to add
   * @return a new histogram
   */
  public LatencyHistogram merge(LatencyHistogram other) {
    Objects.requireNonNull(other, "other");
    return merged(Arrays.asList(this, other));
  }

  /** Returns whether another holds the same counts. */
  @Override
  public boolean equals(Object other) {
    return other instanceof LatencyHistogram that && counts.equals(that.counts);
  }

  /** Returns the hash of the counts. */
  @Override
  public int hashCode() {
    return counts.hashCode();
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return count() == 0
        ? "no latencies"
        : count() + " latencies, median " + percentile(50) + " ns, maximum " + max() + " ns";
  }

  static Histogram empty() {
    return new Histogram(HistogramText.DIGITS);
  }

  private long atRank(long rank) {
    long seen = 0;
    for (HistogramIterationValue value : counts.recordedValues()) {
      seen += value.getCountAtValueIteratedTo();
      if (seen >= rank) {
        return counts.highestEquivalentValue(value.getValueIteratedTo());
      }
    }
    throw new IllegalStateException("rank " + rank + " of " + count() + " latencies");
  }

  private Histogram recorded(String what) {
    if (counts.getTotalCount() == 0) {
      throw new IllegalStateException(
          "Tried to read " + what + " of a histogram without latencies; ask count() first.");
    }
    return counts;
  }

  /** Collects latencies. Not safe for use by several threads. */
  public static final class Builder {
    private final Histogram histogram = empty();

    private Builder() {}

    /**
     * Adds a latency.
     *
     * @param nanos in nanoseconds, 0 or more
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder record(long nanos) {
      return record(nanos, 1);
    }

    /**
     * Adds a latency that occurred several times.
     *
     * @param nanos in nanoseconds, 0 or more
     * @param count how often, 0 or more
     * @return this
     * @throws IllegalArgumentException if one is negative
     */
    public Builder record(long nanos, long count) {
      if (nanos < 0 || count < 0) {
        throw new IllegalArgumentException(
            "Tried to record "
                + nanos
                + " ns "
                + count
                + " times; neither may be negative: read both times from one clock.");
      }
      // HdrHistogram would take a value that never occurred for its maximum.
      if (count > 0) {
        histogram.recordValueWithCount(nanos, count);
      }
      return this;
    }

    /**
     * Returns what was recorded so far.
     *
     * @return a histogram that does not change with this builder
     */
    public LatencyHistogram build() {
      return new LatencyHistogram(histogram.copy());
    }
  }
}

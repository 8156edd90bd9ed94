package io.inferc.benchmark.statistics;

import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * The early-stopping rule of MLPerf Inference's LoadGen: how many queries a run needs before it may
 * claim a percentile, where fewer pay with a stricter one.
 *
 * <p>A run of {@code n} queries, of which {@code t} take longer than a limit, shows that the
 * percentile keeps the limit if a system that only just breaks it, with a share {@code 1 - p + d}
 * of its queries over the limit, would have no more than {@code t} of them over it with a
 * probability of less than {@code 1 - c}: a binomial tail, with {@code p} the percentile, {@code d}
 * a tolerance and {@code c} the confidence. Queries are taken for independent. See the appendix
 * "Early Stopping Criterion" of the MLPerf Inference Rules; LoadGen uses a confidence of 0.99 and
 * no tolerance.
 *
 * @param percentile above 0 and below 100
 * @param confidence above 0 and below 1
 * @param tolerance by how much the share within the limit may fall short of the percentile, as a
 *     share of 1: at least 0 and below the percentile's
 */
public record EarlyStopping(double percentile, double confidence, double tolerance) {
  private static final double LOADGEN_CONFIDENCE = 0.99;

  /** Checks the values. */
  public EarlyStopping {
    double share = Checks.requirePercentile(percentile);
    Checks.requireConfidence(confidence);
    if (!(tolerance >= 0 && tolerance < share)) {
      throw new IllegalArgumentException(
          "Tried to stop early with a tolerance of "
              + tolerance
              + "; it must be at least 0 and below "
              + share
              + ", the share of the percentile.");
    }
  }

  /**
   * Returns the rule as LoadGen has it.
   *
   * @param percentile above 0 and below 100; MLPerf uses 90, 97, 99 and 99.9
   * @return the rule, with a confidence of 0.99 and no tolerance
   * @throws IllegalArgumentException if the percentile is out of its range
   */
  public static EarlyStopping of(double percentile) {
    return new EarlyStopping(percentile, LOADGEN_CONFIDENCE, 0);
  }

  /**
   * Returns how many queries a run needs if some of them are over the limit.
   *
   * @param over queries over the limit, 0 or more
   * @return the least number of queries, those over the limit included; for none over the limit 459
   *     at P99
   */
  public long queriesNeeded(long over) {
    requireNumber(over, "queries over the limit");
    long low = over;
    long high = over + 1;
    while (!shown(high, over)) {
      low = high;
      high = Math.multiplyExact(high, 2);
    }
    while (high - low > 1) {
      long middle = low + (high - low) / 2;
      if (shown(middle, over)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /**
   * Returns whether a run may stop and claim that the percentile keeps a limit.
   *
   * @param queries of the run, 1 or more
   * @param over how many of them were over the limit, or were not answered
   * @return whether they are enough
   */
  public boolean passes(long queries, long over) {
    requireRun(queries, over);
    return shown(queries, over);
  }

  /**
   * Returns how many more queries a run needs to pass, if all of them keep the limit.
   *
   * @param queries of the run so far, 1 or more
   * @param over how many of them were over the limit, or were not answered
   * @return the number, 0 if the run passes
   */
  public long queriesMissing(long queries, long over) {
    requireRun(queries, over);
    return Math.max(0, queriesNeeded(over) - queries);
  }

  /**
   * Returns how many queries it takes to estimate the percentile where there is no limit.
   *
   * @return the least number, 64 at P90 and 662 at P99
   */
  public long queriesForEstimate() {
    return queriesNeeded(1);
  }

  /**
   * Returns how many of the longest queries an estimate leaves out. It is one fewer than might be
   * over a limit that the run would keep.
   *
   * @param queries of the run, {@link #queriesForEstimate()} or more
   * @return 0 or more
   * @throws IllegalArgumentException if the queries are too few
   */
  public long discarded(long queries) {
    if (queries < queriesForEstimate()) {
      throw new IllegalArgumentException(
          "Tried to estimate P"
              + percentile
              + " from "
              + queries
              + " queries; early stopping takes at least "
              + queriesForEstimate()
              + ".");
    }
    long low = 1;
    long high = queries;
    while (high - low > 1) {
      long middle = low + (high - low) / 2;
      if (shown(queries, middle)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /**
   * Estimates the percentile, with a penalty for few queries: with the rule's confidence the true
   * one is no higher.
   *
   * @param latencies of all queries, in any order and unit
   * @return the longest latency that is not left out; empty if the queries are too few
   * @throws IllegalArgumentException if a latency is not a number
   */
  public OptionalDouble estimate(double[] latencies) {
    Objects.requireNonNull(latencies, "latencies");
    if (latencies.length < queriesForEstimate()) {
      return OptionalDouble.empty();
    }
    double[] sorted = PercentileEstimate.sorted(latencies, percentile, confidence);
    return OptionalDouble.of(sorted[(int) (sorted.length - 1 - discarded(sorted.length))]);
  }

  /** Returns text such as {@code P99, confidence 0.99, tolerance 0}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "P%s, confidence %s, tolerance %s", percentile, confidence, tolerance);
  }

  private boolean shown(long queries, long over) {
    return Binomial.atMost(over, queries, 1 - percentile / 100 + tolerance) < 1 - confidence;
  }

  private static void requireRun(long queries, long over) {
    requireNumber(over, "queries over the limit");
    if (queries < 1 || over > queries) {
      throw new IllegalArgumentException(
          "Tried to judge a run of "
              + queries
              + " queries with "
              + over
              + " over the limit; it takes at least 1 query, and no more over the limit than"
              + " that.");
    }
  }

  private static void requireNumber(long number, String what) {
    if (number < 0) {
      throw new IllegalArgumentException(
          "Tried to judge a run with " + number + " " + what + "; it must be 0 or more.");
    }
  }
}

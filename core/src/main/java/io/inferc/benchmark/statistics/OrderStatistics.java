package io.inferc.benchmark.statistics;

/**
 * Which of the sorted samples bound a quantile, whatever the distribution (H. A. David and H. N.
 * Nagaraja, "Order Statistics", 3rd edition, section 7.1). The number of samples below the quantile
 * is binomial, so the rank whose tail is no greater than {@code alpha} bounds it.
 *
 * <p>Correlated samples say as much as fewer independent ones. Ranks are found for that number, and
 * their shares of it are carried over to the samples at hand, rounded away from the quantile.
 */
final class OrderStatistics {
  /** Keeps 0.07 * 100, which is 7.000000000000001, from asking for the 8th sample. */
  private static final double ROUNDING = 1e-12;

  private OrderStatistics() {}

  /** Returns the rank, from 1, of the sample that is the quantile: the nearest rank. */
  static long quantileRank(long n, double quantile) {
    return Math.max(1, Math.min(n, (long) Math.ceil(n * quantile * (1 - ROUNDING))));
  }

  /** Returns the highest rank that is no higher than the quantile, 0 if no sample is. */
  static long lowerRank(long n, double effective, double quantile, double alpha) {
    long m = independent(n, effective);
    long low = 0;
    long high = m;
    while (low < high) {
      long middle = low + (high - low + 1) / 2;
      if (Binomial.atMost(middle - 1, m, quantile) <= alpha) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return m == n ? low : (long) Math.floor((double) low * n / m);
  }

  /** Returns the lowest rank that is no lower than the quantile, n + 1 if no sample is. */
  static long upperRank(long n, double effective, double quantile, double alpha) {
    long m = independent(n, effective);
    long low = 1;
    long high = m + 1;
    while (low < high) {
      long middle = low + (high - low) / 2;
      if (Binomial.atLeast(middle, m, quantile) <= alpha) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    if (low > m) {
      return n + 1;
    }
    return m == n ? low : (long) Math.ceil((low - 1.0) * n / m) + 1;
  }

  /** Returns the least number of independent samples whose highest one bounds the quantile. */
  static long leastForUpperBound(double quantile, double alpha) {
    long n = Math.max(1, (long) Math.floor(Math.log(alpha) / Math.log(quantile)) - 1);
    while (Binomial.atLeast(n, n, quantile) > alpha) {
      n++;
    }
    return n;
  }

  private static long independent(long n, double effective) {
    return Math.max(1, Math.min(n, (long) effective));
  }
}

package io.inferc.benchmark.statistics;

import org.hipparchus.special.Beta;

/**
 * Tails of the binomial distribution for numbers of trials beyond an {@code int}, by the
 * regularized incomplete beta function (NIST Digital Library of Mathematical Functions, 8.17.5).
 */
final class Binomial {
  private Binomial() {}

  /** Returns the probability of at most {@code k} successes of probability {@code p}. */
  static double atMost(long k, long trials, double p) {
    if (k < 0) {
      return 0;
    }
    return k >= trials ? 1 : Beta.regularizedBeta(1 - p, (double) trials - k, k + 1.0);
  }

  /** Returns the probability of at least {@code k} successes of probability {@code p}. */
  static double atLeast(long k, long trials, double p) {
    if (k <= 0) {
      return 1;
    }
    return k > trials ? 0 : Beta.regularizedBeta(p, (double) k, trials - k + 1.0);
  }
}

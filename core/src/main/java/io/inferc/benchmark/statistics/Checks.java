package io.inferc.benchmark.statistics;

import java.util.Objects;

/** What all statistics ask of the numbers that they get. */
final class Checks {
  private Checks() {}

  static void requireConfidence(double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(
          "Tried to use a confidence of "
              + confidence
              + "; it must lie between 0 and 1, for example 0.95.");
    }
  }

  /** Returns the percentile as a share of 1. */
  static double requirePercentile(double percentile) {
    if (!(percentile > 0 && percentile < 100)) {
      throw new IllegalArgumentException(
          "Tried to estimate percentile "
              + percentile
              + "; it must lie between 0 and 100, for example 99.9.");
    }
    return percentile / 100;
  }

  /** Refuses NaN, which no order holds, and fewer than {@code least} values. */
  static void requireSamples(double[] samples, int least, String purpose) {
    Objects.requireNonNull(samples, "samples");
    if (samples.length < least) {
      throw new IllegalArgumentException(
          "Tried to "
              + purpose
              + " from "
              + samples.length
              + " samples; it takes at least "
              + least
              + ".");
    }
    for (int i = 0; i < samples.length; i++) {
      if (Double.isNaN(samples[i])) {
        throw new IllegalArgumentException(
            "Tried to " + purpose + ", but sample " + i + " is not a number.");
      }
    }
  }

  /** Refuses what has no logarithm: times and rates are above 0 and finite. */
  static void requirePositive(double[] samples, String purpose) {
    for (int i = 0; i < samples.length; i++) {
      if (!(samples[i] > 0 && samples[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "Tried to "
                + purpose
                + ", but sample "
                + i
                + " is "
                + samples[i]
                + "; all must be positive and finite.");
      }
    }
  }
}

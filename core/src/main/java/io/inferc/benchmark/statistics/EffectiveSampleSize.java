package io.inferc.benchmark.statistics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * How many independent samples say as much about a mean as a series whose neighbours are alike. Of
 * requests behind one another in a queue, or in one pause, each tells little beyond the one before.
 *
 * <p>The number is that of samples over their integrated autocorrelation time, by the initial
 * monotone sequence estimator of C. J. Geyer, "Practical Markov Chain Monte Carlo", Statistical
 * Science 7 (1992), section 3.3: sums of autocovariances of neighbouring lags, as long as they are
 * positive, none greater than the one before. Where {@value #LAGS} lags do not reach the end of the
 * correlation, neighbours are averaged in pairs, which changes no variance of a mean, and the lags
 * reach twice as far; so time grows with the number of samples alone.
 *
 * <p>Samples that alternate would say more than independent ones; such a gain is not claimed.
 *
 * @param samples how many there are
 * @param effective how many independent ones they are worth, from 1 to {@code samples}
 */
public record EffectiveSampleSize(long samples, double effective) {
  private static final int LAGS = 256;

  /**
   * Returns what a series is worth for its mean.
   *
   * @param series values in the order of time, finite, at least 1
   * @return the effective number
   * @throws IllegalArgumentException if there is no value, or one is not finite
   */
  public static EffectiveSampleSize of(double[] series) {
    Objects.requireNonNull(series, "series");
    Checks.requireSamples(series, 1, "find the effective sample size");
    for (double value : series) {
      if (Double.isInfinite(value)) {
        throw new IllegalArgumentException(
            "Tried to find the effective sample size for the mean of a series that has an infinite"
                + " value; use that of an indicator, which a percentile needs.");
      }
    }
    double[] centred = centred(series);
    double variance = autocovariance(centred, 0);
    int n = series.length;
    // The mean of equal values may differ from them in its last digit.
    if (!(variance > 0) || isConstant(series)) {
      return new EffectiveSampleSize(n, n);
    }
    double time = Math.max(1, longRunVariance(centred) / variance);
    return new EffectiveSampleSize(n, Math.max(1, n / time));
  }

  /**
   * Returns what a series is worth for the share of its values that are no greater than a limit,
   * and so for the percentile that the limit is.
   *
   * @param series values in the order of time, infinite ones included
   * @param limit a percentile of the series
   * @return the effective number
   * @throws IllegalArgumentException if there is no value, or one is not a number
   */
  public static EffectiveSampleSize ofIndicator(double[] series, double limit) {
    Objects.requireNonNull(series, "series");
    Checks.requireSamples(series, 1, "find the effective sample size");
    double[] indicator = indicator(series, limit, true);
    if (isConstant(indicator)) {
      // The limit is the greatest value: what is below it tells how those at it stand together.
      indicator = indicator(series, limit, false);
    }
    return of(indicator);
  }

  /**
   * Returns the integrated autocorrelation time.
   *
   * @return how many neighbours say as much as one independent sample, 1 or more
   */
  public double autocorrelationTime() {
    return samples / effective;
  }

  /** Returns text such as {@code 812 of 10,000 samples}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%,.0f of %,d samples", effective, samples);
  }

  private static double[] indicator(double[] series, double limit, boolean inclusive) {
    double[] indicator = new double[series.length];
    for (int i = 0; i < series.length; i++) {
      indicator[i] = series[i] < limit || (inclusive && series[i] == limit) ? 1 : 0;
    }
    return indicator;
  }

  private static boolean isConstant(double[] values) {
    return Arrays.stream(values).allMatch(value -> value == values[0]);
  }

  private static double[] centred(double[] series) {
    double mean = Arrays.stream(series).average().orElseThrow();
    return Arrays.stream(series).map(value -> value - mean).toArray();
  }

  /** Returns the variance of the mean times the number of values. */
  private static double longRunVariance(double[] centred) {
    double sum = -autocovariance(centred, 0);
    double last = Double.POSITIVE_INFINITY;
    int lags = Math.min(LAGS, centred.length);
    for (int lag = 0; lag < lags; lag += 2) {
      double pair = autocovariance(centred, lag) + autocovariance(centred, lag + 1);
      if (!(pair > 0)) {
        return sum;
      }
      last = Math.min(last, pair);
      sum += 2 * last;
    }
    return centred.length <= LAGS ? sum : 2 * longRunVariance(pairsAveraged(centred));
  }

  private static double autocovariance(double[] centred, int lag) {
    double sum = 0;
    for (int i = lag; i < centred.length; i++) {
      sum += centred[i] * centred[i - lag];
    }
    return sum / centred.length;
  }

  private static double[] pairsAveraged(double[] values) {
    double[] averages = new double[values.length / 2];
    for (int i = 0; i < averages.length; i++) {
      averages[i] = (values[2 * i] + values[2 * i + 1]) / 2;
    }
    return averages;
  }
}

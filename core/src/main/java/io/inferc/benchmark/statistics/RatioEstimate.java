package io.inferc.benchmark.statistics;

import java.util.Locale;

/**
 * How many times one quantity is another, with the interval that holds the true ratio.
 *
 * @param ratio the estimate
 * @param low the lower bound
 * @param high the upper bound
 * @param confidence the probability that the interval holds the true ratio, for example 0.95
 */
public record RatioEstimate(double ratio, double low, double high, double confidence) {
  /**
   * Returns the ratio the other way round.
   *
   * @return what was below over what was above
   */
  public RatioEstimate inverse() {
    return new RatioEstimate(1 / ratio, 1 / high, 1 / low, confidence);
  }

  /**
   * Returns whether the interval shows that the quantities differ.
   *
   * @return whether it leaves 1 out
   */
  public boolean excludesOne() {
    return low > 1 || high < 1;
  }

  /** Returns text such as {@code 1.840 [1.790, 1.900]}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", ratio, low, high);
  }
}

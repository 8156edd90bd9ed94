package io.inferc.benchmark.statistics;

import java.util.Locale;

/**
 * A quantity that is positive, such as a throughput or a price, with the interval that holds the
 * true one.
 *
 * @param value the estimate, above 0 and finite
 * @param low the lower bound, 0 or more and at most the value; 0 where nothing bounds it
 * @param high the upper bound, at least the value; infinite where nothing bounds it
 * @param confidence the probability that the interval holds the true value, for example 0.95
 */
public record Estimate(double value, double low, double high, double confidence) {
  /** Checks the bounds. */
  public Estimate {
    Checks.requireConfidence(confidence);
    if (!(value > 0) || Double.isInfinite(value) || !(low >= 0 && low <= value && high >= value)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Tried to use %s [%s, %s] as an estimate; the value must be positive and finite, and"
                  + " lie within bounds of 0 or more.",
              value,
              low,
              high));
    }
  }

  /**
   * Returns this quantity in another unit.
   *
   * @param factor above 0 and finite
   * @return value and bounds, each by the factor
   * @throws IllegalArgumentException if the factor is not positive and finite
   */
  public Estimate times(double factor) {
    requireFactor(factor);
    return new Estimate(value * factor, low * factor, high * factor, confidence);
  }

  /**
   * Returns what something takes that is inverse to this quantity, such as the time of a request to
   * the throughput.
   *
   * @param factor above 0 and finite: what the result is at a value of 1
   * @return the factor over this, the bounds changed over
   * @throws IllegalArgumentException if the factor is not positive and finite
   */
  public Estimate under(double factor) {
    requireFactor(factor);
    return new Estimate(factor / value, factor / high, factor / low, confidence);
  }

  /** Returns text such as {@code 212.4 [208.9, 216.1]}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.4g [%.4g, %.4g]", value, low, high);
  }

  private static void requireFactor(double factor) {
    if (!(factor > 0) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException(
          "Tried to scale an estimate by " + factor + "; a factor is positive and finite.");
    }
  }
}

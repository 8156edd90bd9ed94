package io.inferc.benchmark;

import java.util.Locale;
import java.util.Objects;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.stat.descriptive.StreamingStatistics;

/**
 * How many times one quantity is another, with the interval that holds the true ratio with 95 %
 * confidence.
 *
 * <p>Each round gives one ratio of the two models measured next to each other, so what slows the
 * machine for a while slows both. The logarithms of the ratios are taken as a sample, and the
 * interval is Student's for their mean, carried back: the ratio is that of the geometric means. The
 * method of pairing and of the interval is that of A. Georges, D. Buytaert and L. Eeckhout,
 * "Statistically Rigorous Java Performance Evaluation", OOPSLA 2007, section 3.
 *
 * @param ratio the estimate
 * @param low the lower bound
 * @param high the upper bound
 */
public record RatioInterval(double ratio, double low, double high) {
  private static final double CONFIDENCE = 0.95;

  /**
   * Works out the interval from paired measurements.
   *
   * @param numerators one positive value a round
   * @param denominators one positive value a round, of the same rounds
   * @return the interval of numerator over denominator
   * @throws IllegalArgumentException if there are fewer than two rounds, the numbers of values
   *     differ, or one is not positive
   */
  public static RatioInterval ofPairs(double[] numerators, double[] denominators) {
    return ofPairs(numerators, denominators, CONFIDENCE);
  }

  /**
   * Works out the interval of another confidence, as where one looks several times before one
   * decides: of k looks with a confidence of 1 - 0.05 / k each, all hold the true ratio with at
   * least 95 % (Bonferroni).
   *
   * @param numerators one positive value a round
   * @param denominators one positive value a round, of the same rounds
   * @param confidence above 0 and below 1
   * @return the interval of numerator over denominator
   * @throws IllegalArgumentException if there are fewer than two rounds, the numbers of values
   *     differ, one is not positive, or the confidence is no share
   */
  public static RatioInterval ofPairs(
      double[] numerators, double[] denominators, double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(
          "Tried to take an interval of the confidence "
              + confidence
              + "; it must be above 0 and below 1, such as 0.95.");
    }
    Objects.requireNonNull(numerators, "numerators");
    Objects.requireNonNull(denominators, "denominators");
    if (numerators.length != denominators.length || numerators.length < 2) {
      throw new IllegalArgumentException(
          "Tried to compare "
              + numerators.length
              + " with "
              + denominators.length
              + " rounds; it takes the same number of both, and at least 2.");
    }
    StreamingStatistics logs = new StreamingStatistics();
    for (int i = 0; i < numerators.length; i++) {
      if (!(numerators[i] > 0) || !(denominators[i] > 0)) {
        throw new IllegalArgumentException(
            "Tried to take the ratio of "
                + numerators[i]
                + " and "
                + denominators[i]
                + "; both must be positive.");
      }
      logs.addValue(Math.log(numerators[i] / denominators[i]));
    }
    int n = numerators.length;
    double t = new TDistribution(n - 1).inverseCumulativeProbability((1 + confidence) / 2);
    double half = t * logs.getStandardDeviation() / Math.sqrt(n);
    double mean = logs.getMean();
    return new RatioInterval(Math.exp(mean), Math.exp(mean - half), Math.exp(mean + half));
  }

  /** Returns text such as {@code 1.84 [1.79, 1.90]}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", ratio, low, high);
  }
}

package io.inferc.benchmark.statistics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.stat.inference.MannWhitneyUTest;

/**
 * Whether the values of one sample tend to be greater than those of another, by their ranks alone,
 * so that no outlier decides: the test of H. B. Mann and D. R. Whitney, "On a Test of Whether One
 * of Two Random Variables Is Stochastically Larger than the Other", Annals of Mathematical
 * Statistics 18 (1947). Samples are taken for independent.
 *
 * @param u in how many pairs of values the first sample's is greater, ties for half
 * @param pValue the probability of a difference of ranks as great as this or greater if there is
 *     none: exact for up to 50 values without ties, else the normal approximation
 * @param superiority the probability that a value of the first sample is greater than one of the
 *     second: 0.5 if neither tends to be
 */
public record MannWhitney(double u, double pValue, double superiority) {
  /**
   * Compares two samples.
   *
   * @param first at least 1 value
   * @param second at least 1 value
   * @return the test
   * @throws IllegalArgumentException if a sample is empty, or a value not a number
   */
  public static MannWhitney of(double[] first, double[] second) {
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(second, "second");
    Checks.requireSamples(first, 1, "compare ranks");
    Checks.requireSamples(second, 1, "compare ranks");
    double u = greater(first, second);
    double pairs = (double) first.length * second.length;
    return new MannWhitney(u, pValue(first, second), u / pairs);
  }

  /** Returns the test as it is if the standard error is some times what the ranks say. */
  MannWhitney stretched(double stretch) {
    if (stretch == 1 || pValue == 0) {
      return this;
    }
    NormalDistribution normal = new NormalDistribution();
    double z = normal.inverseCumulativeProbability(pValue / 2) / stretch;
    return new MannWhitney(u, 2 * normal.cumulativeProbability(z), superiority);
  }

  /** Returns text such as {@code p = 0.0031, greater in 71 % of pairs}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "p = %.2g, greater in %.0f %% of pairs", pValue, 100 * superiority);
  }

  private static double pValue(double[] first, double[] second) {
    double[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    boolean equal = Arrays.stream(all).allMatch(value -> value == all[0]);
    // Equal values have no spread of ranks to divide by.
    return equal ? 1 : Math.min(1, new MannWhitneyUTest().mannWhitneyUTest(first, second));
  }

  private static double greater(double[] first, double[] second) {
    double[] sorted = second.clone();
    Arrays.sort(sorted);
    double u = 0;
    for (double value : first) {
      u += (below(sorted, value, false) + below(sorted, value, true)) / 2.0;
    }
    return u;
  }

  /** Returns how many sorted values are below, or no greater than, a value. */
  private static int below(double[] sorted, double value, boolean orEqual) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value || (orEqual && sorted[middle] == value)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

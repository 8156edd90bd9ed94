package io.inferc.benchmark.statistics;

import java.util.Arrays;
import org.hipparchus.stat.StatUtils;

/**
 * Two quantities measured in turns, block by block, in logarithms.
 *
 * <p>Neighbouring blocks that resemble each other say less than their number. They are joined into
 * groups of as many as the autocorrelation time of the ratios, whose means correlate little (the
 * method of batch means: B. Schmeiser, "Batch Size Effects in the Analysis of Simulation Output",
 * Operations Research 30 (1982)), but into no fewer than {@value #LEAST_GROUPS} groups. What
 * correlation that leaves between groups is answered by the greater of two variances of the mean:
 * that of the groups, and that of a first-order autoregression.
 */
final class PairedBlocks {
  static final int LEAST_PAIRS = 5;

  private static final int LEAST_GROUPS = 15;
  private static final int NEIGHBOURS = 2;
  private static final double LITTLE_CORRELATION = 1.5;
  private static final double GREATEST_CORRELATION = 0.95;
  private static final double STANDARD_ERRORS_ABOVE = 0.5;

  private final double[] first;
  private final double[] second;
  private final int groupSize;
  private final double modelVariance;

  private PairedBlocks(double[] first, double[] second) {
    this.first = first;
    this.second = second;
    double[] ratios = differences(first, second);
    int n = ratios.length;
    double time =
        Math.max(EffectiveSampleSize.of(ratios).autocorrelationTime(), autoregressionTime(ratios));
    int size = time < LITTLE_CORRELATION ? 1 : (int) Math.ceil(time);
    this.groupSize = Math.min(size, Math.max(1, n / LEAST_GROUPS));
    this.modelVariance = StatUtils.variance(ratios) * time / n;
  }

  static PairedBlocks of(double[] first, double[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          "Tried to compare "
              + first.length
              + " with "
              + second.length
              + " blocks; measure both in turns, each the same number of times.");
    }
    Checks.requireSamples(first, LEAST_PAIRS, "compare pairs of blocks");
    Checks.requirePositive(first, "compare pairs of blocks");
    Checks.requirePositive(second, "compare pairs of blocks");
    return new PairedBlocks(
        Arrays.stream(first).map(Math::log).toArray(),
        Arrays.stream(second).map(Math::log).toArray());
  }

  /** Returns by how much the standard error of independent groups is too small, 1 or more. */
  double ratioStretch() {
    double variance = StatUtils.variance(ratios()) / groups();
    return variance > 0 ? Math.sqrt(Math.max(1, modelVariance / variance)) : 1;
  }

  /**
   * Returns by how much the standard error that the levelled groups would have if none depended on
   * another is too small, 1 or more.
   */
  double levelledStretch() {
    int groups = groups();
    double actual = Math.max(modelVariance, StatUtils.variance(ratios()) / groups);
    double independent =
        (StatUtils.variance(levelled(true)) + StatUtils.variance(levelled(false))) / groups;
    return independent > 0 ? Math.sqrt(Math.max(1, actual / independent)) : 1;
  }

  /**
   * Returns the autocorrelation time of a first-order autoregression. Its coefficient is estimated
   * too low from few values, by (1 + 3r) / n (M. G. Kendall, "Note on Bias in the Estimation of
   * Autocorrelation", Biometrika 41 (1954)), and is taken half a standard error higher, as too wide
   * an interval does less harm than one too narrow.
   */
  private static double autoregressionTime(double[] values) {
    int n = values.length;
    double mean = StatUtils.mean(values);
    double squares = 0;
    double products = 0;
    for (int i = 0; i < n; i++) {
      double away = values[i] - mean;
      squares += away * away;
      products += i == 0 ? 0 : away * (values[i - 1] - mean);
    }
    if (!(squares > 0)) {
      return 1;
    }
    double estimate = products / squares;
    double corrected = estimate + (1 + 3 * estimate) / n + STANDARD_ERRORS_ABOVE / Math.sqrt(n);
    double r = Math.max(0, Math.min(GREATEST_CORRELATION, corrected));
    return (1 + r) / (1 - r);
  }

  int groups() {
    return first.length / groupSize;
  }

  /** Returns the mean logarithm of the ratio of first over second in each group. */
  double[] ratios() {
    return grouped(differences(first, second));
  }

  /**
   * Returns the mean logarithm of the first or the second in each group, without what the machine
   * did to both for a while: the median of what they have in common in five neighbouring pairs.
   */
  double[] levelled(boolean ofFirst) {
    int n = first.length;
    double[] levelled = new double[n];
    for (int i = 0; i < n; i++) {
      int from = Math.max(0, i - NEIGHBOURS);
      double[] common = new double[Math.min(n, i + NEIGHBOURS + 1) - from];
      for (int k = 0; k < common.length; k++) {
        common[k] = (first[from + k] + second[from + k]) / 2;
      }
      levelled[i] = (ofFirst ? first[i] : second[i]) - Medians.of(common);
    }
    return grouped(levelled);
  }

  private static double[] differences(double[] x, double[] y) {
    double[] differences = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      differences[i] = x[i] - y[i];
    }
    return differences;
  }

  /** Spreads the blocks that fill no group over all groups, so that none is left out. */
  private double[] grouped(double[] values) {
    int groups = groups();
    double[] means = new double[groups];
    for (int g = 0; g < groups; g++) {
      int from = (int) ((long) values.length * g / groups);
      int to = (int) ((long) values.length * (g + 1) / groups);
      means[g] = Arrays.stream(values, from, to).average().orElseThrow();
    }
    return means;
  }
}

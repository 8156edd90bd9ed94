package io.inferc.benchmark.statistics;

import java.util.Objects;
import org.hipparchus.stat.StatUtils;

/** Splits the variance of blocks in processes into that within and that between (Kalibera 2013). */
final class NestedVariance {
  private NestedVariance() {}

  /** Logarithms of the ratios of blocks: a ratio and its inverse are then as far from 1. */
  static double[][] logRatios(double[][] first, double[][] second) {
    boolean paired = first.length == second.length;
    double[][] logs = new double[first.length][];
    for (int i = 0; i < first.length; i++) {
      if (!paired || first[i].length != second[i].length) {
        throw new IllegalArgumentException(
            "Tried to pair the blocks of "
                + first.length
                + " with those of "
                + second.length
                + " processes; it takes the same processes of both, each with as many blocks.");
      }
      Checks.requirePositive(first[i], "pair blocks of process " + i);
      Checks.requirePositive(second[i], "pair blocks of process " + i);
      logs[i] = new double[first[i].length];
      for (int k = 0; k < logs[i].length; k++) {
        logs[i][k] = Math.log(first[i][k] / second[i][k]);
      }
    }
    return logs;
  }

  static NestedEstimate.Variation of(double[][] processes) {
    Objects.requireNonNull(processes, "processes");
    for (int i = 0; i < processes.length; i++) {
      Checks.requirePositive(processes[i], "tell blocks of process " + i + " apart");
    }
    return split(processes);
  }

  /** As {@link #of}, for values that need not be positive. */
  static NestedEstimate.Variation split(double[][] processes) {
    int n = processes.length;
    if (n < 2) {
      throw new IllegalArgumentException(
          "Tried to tell processes apart by "
              + n
              + "; it takes at least 2 processes of each, and 10 to say much.");
    }
    double[] means = new double[n];
    double deviations = 0;
    long freedom = 0;
    double inverse = 0;
    for (int i = 0; i < n; i++) {
      double[] blocks = processes[i];
      Checks.requireSamples(blocks, 2, "tell blocks of process " + i + " apart");
      means[i] = StatUtils.mean(blocks);
      deviations += StatUtils.variance(blocks) * (blocks.length - 1);
      freedom += blocks.length - 1;
      inverse += 1.0 / blocks.length;
    }
    double within = deviations / freedom;
    double meanVariance = StatUtils.variance(means);
    double blocks = n / inverse;
    return new NestedEstimate.Variation(
        StatUtils.mean(means),
        within,
        Math.max(0, meanVariance - within / blocks),
        meanVariance,
        n,
        blocks);
  }
}

package io.inferc.benchmark.statistics;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Series with known properties. */
final class Series {
  private Series() {}

  /** Standard normal values, each correlated by {@code rho} with the one before. */
  static double[] autoregressive(Random random, int n, double rho) {
    double[] series = new double[n];
    double last = random.nextGaussian();
    for (int i = 0; i < n; i++) {
      series[i] = last;
      last = rho * last + Math.sqrt(1 - rho * rho) * random.nextGaussian();
    }
    return series;
  }

  static double[] map(double[] series, DoubleUnaryOperator operator) {
    double[] mapped = new double[series.length];
    for (int i = 0; i < series.length; i++) {
      mapped[i] = operator.applyAsDouble(series[i]);
    }
    return mapped;
  }

  /** The values from 1 to n, shuffled. */
  static double[] shuffledRanks(int n, long seed) {
    double[] ranks = IntStream.rangeClosed(1, n).asDoubleStream().toArray();
    Random random = new Random(seed);
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      double kept = ranks[i];
      ranks[i] = ranks[j];
      ranks[j] = kept;
    }
    return ranks;
  }
}

package io.inferc.benchmark.load;

import java.util.Arrays;

/** Nanoseconds that are collected, without a box for each. */
final class Doubles {
  private double[] values = new double[64];
  private int count;

  void add(double value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = value;
  }

  double[] toArray() {
    return Arrays.copyOf(values, count);
  }

  LatencyDistribution distribution() {
    return LatencyDistribution.ofNanos(Arrays.copyOf(values, count));
  }
}

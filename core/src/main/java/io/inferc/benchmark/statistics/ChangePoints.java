package io.inferc.benchmark.statistics;

import io.inferc.benchmark.statistics.SteadyState.Segment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a series where its mean or variance changes, by the least sum of costs of the segments plus
 * a penalty for each: the exact minimum by dynamic programming, with those beginnings left out that
 * can no longer be part of it (PELT, Killick et al. 2012).
 */
final class ChangePoints {
  private static final double PENALTY = 15;

  /** Levels of windows that differ by less than 0.1 % are of no matter to anyone. */
  private static final double LEAST_VARIANCE = 1e-6;

  private final double[] logs;
  private final double[] sums;
  private final double[] squares;
  private final double leastVariance;

  private ChangePoints(double[] logs) {
    this.logs = logs;
    int n = logs.length;
    this.sums = new double[n + 1];
    this.squares = new double[n + 1];
    double centre = Medians.of(logs);
    for (int i = 0; i < n; i++) {
      double away = logs[i] - centre;
      sums[i + 1] = sums[i] + away;
      squares[i + 1] = squares[i] + away * away;
    }
    this.leastVariance = Math.max(LEAST_VARIANCE, noise(logs) / 4);
  }

  static List<Segment> segments(double[] logs) {
    ChangePoints points = new ChangePoints(logs);
    Deque<Segment> segments = new ArrayDeque<>();
    int[] last = points.lastChanges();
    for (int to = logs.length; to > 0; to = last[to]) {
      segments.addFirst(points.segment(last[to], to));
    }
    return List.copyOf(segments);
  }

  /** Returns for each length of the series where the last segment of its best cuts begins. */
  private int[] lastChanges() {
    int n = logs.length;
    double penalty = PENALTY * Math.log(n);
    double[] best = new double[n + 1];
    int[] last = new int[n + 1];
    best[0] = -penalty;
    List<Integer> beginnings = new ArrayList<>();
    for (int to = 1; to <= n; to++) {
      beginnings.add(to - 1);
      best[to] = Double.POSITIVE_INFINITY;
      for (int from : beginnings) {
        double cost = best[from] + cost(from, to) + penalty;
        if (cost < best[to]) {
          best[to] = cost;
          last[to] = from;
        }
      }
      int end = to;
      beginnings.removeIf(from -> best[from] + cost(from, end) > best[end]);
    }
    return last;
  }

  /** Returns minus twice the greatest logarithm of the likelihood, but for a constant. */
  private double cost(int from, int to) {
    int n = to - from;
    double sum = sums[to] - sums[from];
    double deviations = Math.max(0, squares[to] - squares[from] - sum * sum / n);
    double variance = Math.max(leastVariance, deviations / n);
    return n * Math.log(variance) + deviations / variance;
  }

  private Segment segment(int from, int to) {
    double[] values = Arrays.copyOfRange(logs, from, to);
    double mean = Arrays.stream(values).average().orElseThrow();
    double deviations = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
    double spread = values.length > 1 ? Math.sqrt(deviations / (values.length - 1)) : 0;
    return new Segment(from, to, Math.exp(mean), spread);
  }

  /**
   * Returns the variance from one value to the next, robustly. No segment is taken to vary much
   * less, or single values would be segments without any variance.
   */
  private static double noise(double[] logs) {
    double[] steps = new double[logs.length - 1];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = Math.abs(logs[i + 1] - logs[i]);
    }
    double deviation = Medians.of(steps) / 0.6745;
    return deviation * deviation / 2;
  }
}

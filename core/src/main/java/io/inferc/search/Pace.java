package io.inferc.search;

import java.time.Duration;
import java.util.List;

/**
 * How long the turns of a search last: long enough for some runs of each request, short enough for
 * all candidates to have theirs.
 *
 * @param slices how long each request of the mix is run in a turn
 * @param rounds of how many turns a short measurement is made, 3 or more
 * @param warmUps how many turns each model has before the first round
 */
record Pace(List<Duration> slices, int rounds, int warmUps) {
  private static final double LEAST_MILLIS = 40;
  private static final int RUNS = 3;
  private static final int SHORT = 5;
  static final int LEAST_ROUNDS = 3;
  // Of the whole budget, for the first short measurements of all candidates.
  private static final double SHARE = 0.4;

  /**
   * Sets the pace.
   *
   * @param millis the latency of the original by request of the mix, in ms
   * @param budget the time there is
   * @param candidates how many there are to measure
   * @param warmUps how many turns a model has before the first round
   */
  static Pace of(List<Double> millis, Duration budget, int candidates, int warmUps) {
    double each = SHARE * budget.toMillis() / Math.max(1, candidates);
    for (int runs = RUNS; runs > 1; runs--) {
      int many = runs;
      Pace pace =
          new Pace(
              millis.stream().map(m -> slice(Math.max(LEAST_MILLIS, many * m))).toList(),
              SHORT,
              warmUps);
      if (pace.race(2, SHORT).toMillis() <= each) {
        return pace;
      }
    }
    return new Pace(
        millis.stream().map(m -> slice(Math.min(LEAST_MILLIS, m))).toList(), LEAST_ROUNDS, warmUps);
  }

  private static Duration slice(double millis) {
    return Duration.ofNanos(Math.max(1, Math.round(millis * 1e6)));
  }

  Duration slice(int part) {
    return slices.get(part);
  }

  /** How long a race takes, with the turns of each to warm up. */
  Duration race(int sides, int ofRounds) {
    long turn = slices.stream().mapToLong(Duration::toNanos).sum();
    return Duration.ofNanos(turn * sides * (ofRounds + warmUps));
  }
}

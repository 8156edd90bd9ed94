package io.inferc.benchmark;

import java.time.Duration;
import java.util.Objects;

/**
 * How long and in which way to measure.
 *
 * @param load how requests arrive
 * @param warmUp how long each model runs before anything is counted
 * @param rounds how many times the two models take turns, 3 or more: each gives one ratio
 * @param round how long each model's turn lasts
 * @param seed decides which model comes first in each round
 */
public record BenchmarkOptions(
    LoadPattern load, Duration warmUp, int rounds, Duration round, long seed) {
  private static final int LEAST_ROUNDS = 3;

  public BenchmarkOptions {
    if (rounds < LEAST_ROUNDS) {
      throw new IllegalArgumentException(
          "Tried to measure "
              + rounds
              + " rounds; an interval takes at least "
              + LEAST_ROUNDS
              + ".");
    }
    if (round.isNegative() || round.isZero() || warmUp.isNegative()) {
      throw new IllegalArgumentException(
          "Tried to measure rounds of "
              + round
              + " after a warm-up of "
              + warmUp
              + "; a round must be longer than 0 and the warm-up not negative.");
    }
  }

  /**
   * Returns one client, 2 s of warm-up and 20 rounds of 250 ms for each model: about 14 s.
   *
   * @return the default options
   */
  public static BenchmarkOptions defaults() {
    return new BenchmarkOptions(
        LoadPattern.oneClient(), Duration.ofSeconds(2), 20, Duration.ofMillis(250), 1);
  }

  /**
   * Returns the same options with another number of rounds.
   *
   * @param rounds 3 or more
   * @return a copy
   * @throws IllegalArgumentException if it is less
   */
  public BenchmarkOptions withRounds(int rounds) {
    return new BenchmarkOptions(load, warmUp, rounds, round, seed);
  }

  /**
   * Returns the same options with other lengths of time.
   *
   * @param warmUp how long each model runs before anything is counted
   * @param round how long each model's turn lasts
   * @return a copy
   * @throws IllegalArgumentException if one is negative, or the round has no length
   */
  public BenchmarkOptions withTimes(Duration warmUp, Duration round) {
    Objects.requireNonNull(warmUp, "warmUp");
    Objects.requireNonNull(round, "round");
    return new BenchmarkOptions(load, warmUp, rounds, round, seed);
  }

  /**
   * Returns the same options under another load.
   *
   * @param load how requests arrive
   * @return a copy
   */
  public BenchmarkOptions withLoad(LoadPattern load) {
    Objects.requireNonNull(load, "load");
    return new BenchmarkOptions(load, warmUp, rounds, round, seed);
  }
}

package io.inferc.benchmark.load;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a subject is loaded.
 *
 * @param load how requests arrive
 * @param warmUp how long the load runs before its requests count; may be 0
 * @param untilSteady whether requests count sooner, once latencies have become steady
 * @param duration for how long they count
 * @param drainLimit how long after that requests that wait may still be sent, and those sent be
 *     answered
 * @param workers how many requests may be under way at once; more wait, in the order that they came
 *     in, and their latency grows, as before a server with so many places
 * @param seed what everything drawn at random depends on
 * @param lagShare the share of the latency's P99 that the generator's own lateness may take at its
 *     P99; a run with more is void
 * @param latencyLimit how soon an answer must come to be of use, if that was said
 */
public record LoadSettings(
    Load load,
    Duration warmUp,
    boolean untilSteady,
    Duration duration,
    Duration drainLimit,
    int workers,
    long seed,
    double lagShare,
    Optional<Duration> latencyLimit) {
  public LoadSettings {
    Objects.requireNonNull(load, "load");
    Objects.requireNonNull(warmUp, "warmUp");
    Objects.requireNonNull(duration, "duration");
    Objects.requireNonNull(drainLimit, "drainLimit");
    Objects.requireNonNull(latencyLimit, "latencyLimit");
    Schedules.requirePositive(duration);
    if (warmUp.isNegative() || drainLimit.isNegative()) {
      throw new IllegalArgumentException(
          "Tried to warm up for "
              + warmUp
              + " and to drain for "
              + drainLimit
              + "; give 0 or more.");
    }
    if (workers < 1) {
      throw new IllegalArgumentException(
          "Tried to send requests with " + workers + " workers; it takes at least 1.");
    }
    if (!(lagShare > 0)) {
      throw new IllegalArgumentException(
          "Tried to allow a lag of " + lagShare + " of the latency; give a share above 0.");
    }
    latencyLimit.ifPresent(Schedules::requirePositive);
  }

  /**
   * Returns how long requests are planned to come, warm-up included: a recording may be shorter
   * than what was asked for.
   *
   * @return the length
   */
  public Duration length() {
    Duration asked = warmUp.plus(duration);
    if (load instanceof Load.Replay replay && replay.playingTime().compareTo(asked) < 0) {
      return replay.playingTime();
    }
    return asked;
  }

  LoadSettings withLoad(Load changed) {
    return new LoadSettings(
        changed, warmUp, untilSteady, duration, drainLimit, workers, seed, lagShare, latencyLimit);
  }

  LoadSettings withDuration(Duration changed) {
    return new LoadSettings(
        load, warmUp, untilSteady, changed, drainLimit, workers, seed, lagShare, latencyLimit);
  }

  LoadSettings withWarmUp(Duration changed) {
    return new LoadSettings(
        load, changed, false, duration, drainLimit, workers, seed, lagShare, latencyLimit);
  }

  LoadSettings withSeed(long changed) {
    return new LoadSettings(
        load, warmUp, untilSteady, duration, drainLimit, workers, changed, lagShare, latencyLimit);
  }
}

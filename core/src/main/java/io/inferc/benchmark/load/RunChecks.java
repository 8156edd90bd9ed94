package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.LittlesLaw;
import io.inferc.benchmark.statistics.SteadyState;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Whether the figures of a run fit each other and hold still. */
final class RunChecks {
  private static final double NANOS = 1e9;

  /** An answer is noted a moment after it came. */
  private static final double NOTING_SECONDS = 1e-6;

  private static final int MOST_PARTS = 60;
  private static final int REQUESTS_OF_A_PART = 10;

  private RunChecks() {}

  /**
   * Holds a run to Little's law.
   *
   * @param samples all requests
   * @param measured those that were meant to start in the measured time
   * @param from when that began, in nanoseconds from the start of the run
   * @param observed what another thread saw
   */
  static Optional<LittlesLaw> littlesLaw(
      LoadSamples samples, int[] measured, long from, Observed observed) {
    if (observed.inSystem().isEmpty() || measured.length == 0) {
      return Optional.empty();
    }
    double stayed = 0;
    double longest = 0;
    for (int i : measured) {
      double time = (endOf(samples, i, observed) - samples.intended(i)) / NANOS;
      stayed += time;
      longest = Math.max(longest, time);
    }
    double seconds = (observed.length() - from) / NANOS;
    double noting = measured.length / seconds * NOTING_SECONDS;
    return Optional.of(
        LittlesLaw.check(
            measured.length,
            stayed / measured.length,
            observed.inSystem().getAsDouble(),
            new LittlesLaw.Window(
                seconds,
                inSystemAt(samples, from, observed),
                inSystemAt(samples, observed.length(), observed),
                longest,
                observed.inSystemError() + noting)));
  }

  /** How many requests had come by a time and were not answered yet. */
  static long inSystemAt(LoadSamples samples, long time, Observed observed) {
    return IntStream.range(0, samples.size())
        .filter(i -> samples.intended(i) < time && endOf(samples, i, observed) >= time)
        .count();
  }

  private static long endOf(LoadSamples samples, int index, Observed observed) {
    return samples.isAnswered(index)
        ? samples.end(index)
        : Math.max(samples.intended(index), observed.ended());
  }

  /**
   * Returns when latencies became steady, by their medians in equal times.
   *
   * @param samples all requests
   * @param length of the run
   * @return nanoseconds from its start, the length if they never did
   */
  static long steadyFrom(LoadSamples samples, long length) {
    Doubles[] parts = new Doubles[MOST_PARTS];
    Arrays.setAll(parts, i -> new Doubles());
    for (int i = 0; i < samples.size(); i++) {
      if (samples.outcome(i) == Answer.Outcome.OK && samples.intended(i) < length) {
        int part = (int) (samples.intended(i) / (length / (double) MOST_PARTS));
        parts[Math.min(MOST_PARTS - 1, part)].add((double) samples.latency(i));
      }
    }
    double[] medians = new double[MOST_PARTS];
    for (int part = 0; part < MOST_PARTS; part++) {
      double[] own = parts[part].toArray();
      if (own.length < REQUESTS_OF_A_PART) {
        return length;
      }
      Arrays.sort(own);
      medians[part] = Math.max(1, own[own.length / 2]);
    }
    OptionalInt start = SteadyState.of(medians).start();
    return start.isPresent() ? (long) (length / (double) MOST_PARTS * start.getAsInt()) : length;
  }

  /** Judges the median latency of each of some equal parts of a run. */
  static SteadyState steadyState(LatencyDistribution latency) {
    int parts = Math.min(MOST_PARTS, latency.count() / REQUESTS_OF_A_PART);
    double[] times = latency.toArray();
    double[] medians = new double[parts];
    for (int part = 0; part < parts; part++) {
      double[] own =
          Arrays.copyOfRange(
              times,
              (int) ((long) times.length * part / parts),
              (int) ((long) times.length * (part + 1) / parts));
      Arrays.sort(own);
      medians[part] = own[own.length / 2];
    }
    return Arrays.stream(medians).allMatch(m -> m > 0 && m < Double.POSITIVE_INFINITY)
        ? SteadyState.of(medians)
        : new SteadyState(SteadyState.Verdict.NO_STEADY_STATE, OptionalInt.empty(), List.of());
  }
}

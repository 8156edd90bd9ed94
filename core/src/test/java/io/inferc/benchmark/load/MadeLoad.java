package io.inferc.benchmark.load;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.PriorityQueue;
import java.util.function.IntFunction;

/** Runs whose requests took as long as was said, without any time passing. */
public final class MadeLoad {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final long LAG = 5_000;
  private static final int WORKERS = 4;

  private MadeLoad() {}

  /**
   * What becomes of a request once a worker is free.
   *
   * @param served milliseconds by the subject
   * @param answer how it ended, empty if it never did
   * @param tokens how many parts the answer came in, 0 if in one
   */
  public record Fate(double served, Optional<Answer> answer, int tokens) {
    /** A request that was answered well. */
    public static Fate ok(double served) {
      return new Fate(served, Optional.of(Answer.ok()), 0);
    }

    /** A request that failed. */
    public static Fate failed(String message) {
      return new Fate(1, Optional.of(Answer.failed(Answer.Outcome.FAILED, message)), 0);
    }

    /** A request that was sent and never answered. */
    public static Fate unanswered() {
      return new Fate(0, Optional.empty(), 0);
    }
  }

  /** Settings of a load without a warm-up. */
  public static LoadSettings settings(Load load, Duration duration, Optional<Duration> limit) {
    return new LoadSettings(
        load, Duration.ZERO, false, duration, Duration.ofSeconds(10), WORKERS, 7, 0.1, limit);
  }

  /**
   * A run whose requests queue for the workers as they would.
   *
   * @param load when they come
   * @param seed of that
   * @param fates what becomes of each
   */
  public static LoadRun run(
      String subject,
      LoadSettings settings,
      Load.Open load,
      Duration length,
      long seed,
      IntFunction<Fate> fates) {
    long[] arrivals = load.schedule(length, seed);
    LoadSamples.Builder samples = new LoadSamples.Builder(List.of("request"), arrivals.length);
    Failures failures = new Failures();
    PriorityQueue<Long> free = new PriorityQueue<>(Collections.nCopies(WORKERS, 0L));
    for (int i = 0; i < arrivals.length; i++) {
      Fate fate = fates.apply(i);
      long ready = Math.max(arrivals[i], free.remove());
      long start = ready + LAG;
      long end = start + Math.round(fate.served() * NANOS_PER_MILLI);
      free.add(end);
      if (fate.answer().isEmpty()) {
        samples.unanswered(arrivals[i], ready, start);
        continue;
      }
      Answer answer = fate.answer().get();
      samples.answered(
          arrivals[i], ready, start, end, answer.outcome().ordinal(), 0, parts(fate, start, end));
      if (answer.outcome() != Answer.Outcome.OK) {
        failures.add(answer);
      }
    }
    Observed observed =
        new Observed(
            length.toNanos(),
            length.toNanos(),
            OptionalDouble.of(0.0021),
            OptionalDouble.empty(),
            0);
    return new LoadRun(
        subject,
        settings,
        Instant.parse("2026-11-30T08:00:00Z"),
        observed,
        samples.build(),
        failures.list());
  }

  private static StreamTimes parts(Fate fate, long start, long end) {
    if (fate.tokens() == 0) {
      return null;
    }
    long[] parts = new long[fate.tokens()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = start + (end - start) * (i + 1) / parts.length;
    }
    return StreamTimes.of(parts, fate.tokens());
  }

  /** Times of their own, as a sweep over sizes of batch has them. */
  public static LatencyDistribution times(double... millis) {
    return LatencyDistribution.ofMillis(millis);
  }

  /** A run of a search. */
  public static LoadLimit.Probe probe(
      double rate, double percentile, LoadLimit.Verdict verdict, LoadRun run) {
    return new LoadLimit.Probe(
        rate,
        verdict == LoadLimit.Verdict.HOPELESS
            ? Optional.empty()
            : Optional.of(run.latencyWithFailures().bound(percentile, 0.95)),
        verdict,
        run);
  }

  /** Rounds of as many runs as there are subjects. */
  public static LoadRounds rounds(
      LoadSettings settings, List<String> subjects, List<List<LoadRun>> runs) {
    List<LoadRounds.Round> rounds = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < subjects.size(); i++) {
      order.add(i);
    }
    runs.forEach(each -> rounds.add(new LoadRounds.Round(each, order)));
    return new LoadRounds(settings, subjects, rounds);
  }
}

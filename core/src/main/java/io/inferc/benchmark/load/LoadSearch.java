package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.PercentileBound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Searches for the highest load that keeps a latency limit.
 *
 * <p>A rate counts as kept when the upper bound of the percentile is within the limit, with 95 %
 * confidence, and not when luck hides that it is not. The rate is doubled or halved from a first
 * guess until one is kept and one is not, and then the distance between them halved. A run that so
 * many requests wait in that the limit is out of reach ends early.
 *
 * <pre>{@code
 * LoadTest test = LoadTest.builder(Load.poisson(100)).duration(Duration.ofSeconds(20)).build();
 * LoadLimit found =
 *     LoadSearch.of(test, 95, Duration.ofMillis(50)).run(Subject.of(model), requests);
 * }</pre>
 */
public final class LoadSearch {
  private static final int USUAL_RUNS = 12;
  private static final double USUAL_RESOLUTION = 0.05;
  private static final double CONFIDENCE = 0.95;

  /** Samples that resemble each other count for fewer. */
  private static final double SPARE_REQUESTS = 5;

  private static final int LONGEST = 10;

  private final LoadTest test;
  private final Load.Open load;
  private final double percentile;
  private final Duration limit;
  private final int mostRuns;
  private final double resolution;

  private LoadSearch(
      LoadTest test, double percentile, Duration limit, int mostRuns, double resolution) {
    this.test = test;
    this.load = (Load.Open) test.load();
    this.percentile = percentile;
    this.limit = limit;
    this.mostRuns = mostRuns;
    this.resolution = resolution;
  }

  /**
   * Describes a search.
   *
   * @param test how to load the subject; its load is the pattern whose rate is scaled, and the
   *     first guess
   * @param percentile which percentile of the latency to hold to the limit, such as 95
   * @param limit the limit
   * @return the search, with at most 12 runs, to within 5 % of the rate
   * @throws IllegalArgumentException if the load is a closed loop, which has no rate, the
   *     percentile not between 0 and 100, or the limit not positive
   */
  public static LoadSearch of(LoadTest test, double percentile, Duration limit) {
    Objects.requireNonNull(test, "test");
    Schedules.requirePositive(limit);
    if (!(percentile > 0 && percentile < 100)) {
      throw new IllegalArgumentException(
          "Tried to hold the percentile "
              + percentile
              + " to a limit; give one above 0 and below 100, such as 95.");
    }
    if (!(test.load() instanceof Load.Open)) {
      throw new IllegalArgumentException(
          "Tried to search for the highest rate of "
              + test.load()
              + ", which has none: its clients wait for answers. Give an open load, such as"
              + " poisson:100.");
    }
    return new LoadSearch(test, percentile, limit, USUAL_RUNS, USUAL_RESOLUTION);
  }

  /**
   * Sets how many runs are allowed.
   *
   * @param count the most
   * @return a search so bounded
   * @throws IllegalArgumentException if it is less than 2
   */
  public LoadSearch mostRuns(int count) {
    if (count < 2) {
      throw new IllegalArgumentException(
          "Tried to search with " + count + " runs; it takes at least 2.");
    }
    return new LoadSearch(test, percentile, limit, count, resolution);
  }

  /**
   * Sets how close to search.
   *
   * @param share by which share of the rate the lowest that is not kept may exceed the highest that
   *     is
   * @return a search so precise
   * @throws IllegalArgumentException if it is not positive
   */
  public LoadSearch resolution(double share) {
    if (!(share > 0)) {
      throw new IllegalArgumentException(
          "Tried to search to within " + share + " of the rate; give a share above 0.");
    }
    return new LoadSearch(test, percentile, limit, mostRuns, share);
  }

  /**
   * Searches.
   *
   * @param subject what to measure
   * @param requests what to ask it
   * @return the rate and all runs
   * @throws io.inferc.common.InfercException if a caller cannot be opened, or throws where it
   *     should answer
   * @throws io.inferc.common.CancelledException if it was stopped, or the thread interrupted
   */
  public LoadLimit run(Subject subject, Requests requests) {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(requests, "requests");
    List<LoadLimit.Probe> probes = new ArrayList<>();
    double kept = 0;
    double refused = Double.POSITIVE_INFINITY;
    double factor = 1;
    boolean wasVoid = false;
    LoadSettings settings = test.settings(subject);
    try (Callers callers = Callers.open(subject, settings.workers())) {
      while (probes.size() < mostRuns && refused > kept * (1 + resolution)) {
        LoadLimit.Probe probe = probe(callers, requests, settings, factor, probes.size());
        probes.add(probe);
        boolean isVoid = probe.verdict() == LoadLimit.Verdict.VOID;
        if (isVoid && !wasVoid) {
          // The machine may have been disturbed for a moment.
          wasVoid = true;
          continue;
        }
        wasVoid = false;
        if (probe.verdict() == LoadLimit.Verdict.KEPT) {
          kept = factor;
        } else {
          refused = factor;
        }
        factor =
            Double.isInfinite(refused)
                ? 2 * factor
                : kept == 0 ? factor / 2 : Math.sqrt(kept * refused);
      }
    }
    return new LoadLimit(percentile, limit, probes);
  }

  private LoadLimit.Probe probe(
      Callers callers, Requests requests, LoadSettings settings, double factor, int number) {
    Load.Open scaled = load.scaled(factor);
    LoadSettings chosen =
        settings
            .withSeed(settings.seed() + number)
            .withLoad(scaled)
            .withDuration(longEnough(scaled, settings));
    Execution execution = test.execution(chosen, callers, requests);
    double allowed = (1 - percentile / 100) * scaled.expected(chosen.length());
    execution.giveUpWhenWaiting(limit, (long) Math.ceil(allowed) + 1);
    LoadRun run = execution.run();
    double rate = scaled.expected(chosen.length()) / Schedules.seconds(chosen.length());
    if (execution.gaveUp()) {
      return new LoadLimit.Probe(rate, Optional.empty(), LoadLimit.Verdict.HOPELESS, run);
    }
    LatencyDistribution all = run.latencyWithFailures();
    if (all.count() == 0) {
      return new LoadLimit.Probe(rate, Optional.empty(), LoadLimit.Verdict.VOID, run);
    }
    PercentileBound bound = all.bound(percentile, CONFIDENCE);
    LoadLimit.Verdict verdict =
        run.isVoid()
            ? LoadLimit.Verdict.VOID
            : bound.keeps(limit.toNanos() / 1e6)
                ? LoadLimit.Verdict.KEPT
                : LoadLimit.Verdict.NOT_SHOWN;
    return new LoadLimit.Probe(rate, Optional.of(bound), verdict, run);
  }

  /** A bound takes so many samples that a low rate must run for longer. */
  private Duration longEnough(Load.Open scaled, LoadSettings settings) {
    double needed = SPARE_REQUESTS * PercentileBound.samplesNeeded(percentile, CONFIDENCE);
    double expected = Math.max(1e-9, scaled.expected(settings.duration()));
    double times = Math.max(1, Math.min(LONGEST, needed / expected));
    return Duration.ofNanos((long) (settings.duration().toNanos() * times));
  }
}

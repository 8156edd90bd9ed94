package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.EarlyStopping;
import io.inferc.benchmark.statistics.PercentileBound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Searches for the highest load that keeps a latency limit.
 *
 * <p>A rate counts as kept when the upper bound of the percentile is within the limit, with 95 %
 * confidence, and not when luck hides that it is not. The rate is doubled or halved from a first
 * guess until one is kept and one is not, and then the distance between them halved. A run that so
 * many requests wait in that the limit is out of reach ends early. A run takes twenty times the
 * limit at least: a rate that is too high keeps a limit until the queue is as long. Where the
 * generator is late, what it is late by is in the latencies, so a rate that is kept all the same is
 * kept. Bursts and days are tried whole.
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
  private static final int USUAL_ROUNDS = 6;
  private static final int LEAST_ROUNDS = 5;
  private static final double CONFIDENCE = 0.95;
  private static final double MILLIS_PER_SECOND = 1e3;

  /** By how much a rate is raised or lowered at first where it is not known, and where it is. */
  private static final double WIDE_STEP = 2;

  private static final double NARROW_STEP = 1.2;

  /** Samples that resemble each other count for fewer. */
  private static final double SPARE_REQUESTS = 5;

  private static final int LONGEST = 10;

  /** Until a queue is as long as the limit, a rate beyond what the subject can do keeps it. */
  private static final int LIMITS_PER_RUN = 20;

  /** Each run asks other requests, so far apart that they do not meet. */
  private static final long REQUESTS_OF_A_RUN = 1L << 24;

  private final LoadTest test;
  private final Load.Open load;
  private final double percentile;
  private final Duration limit;
  private int mostRuns = USUAL_RUNS;
  private double resolution = USUAL_RESOLUTION;
  private int rounds = USUAL_ROUNDS;
  private Optional<EarlyStopping> rule = Optional.empty();

  private LoadSearch(LoadTest test, double percentile, Duration limit) {
    this.test = test;
    this.load = (Load.Open) test.load();
    this.percentile = percentile;
    this.limit = limit;
  }

  private LoadSearch(LoadSearch other) {
    this(other.test, other.percentile, other.limit);
    mostRuns = other.mostRuns;
    resolution = other.resolution;
    rounds = other.rounds;
    rule = other.rule;
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
    return new LoadSearch(test, percentile, limit);
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
    LoadSearch changed = new LoadSearch(this);
    changed.mostRuns = count;
    return changed;
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
    LoadSearch changed = new LoadSearch(this);
    changed.resolution = share;
    return changed;
  }

  /**
   * Sets how often a {@linkplain #compare comparison} searches.
   *
   * @param count the rounds, 6 if not set
   * @return a search with so many
   * @throws IllegalArgumentException if it is less than 5, too few for an interval
   */
  public LoadSearch rounds(int count) {
    if (count < LEAST_ROUNDS) {
      throw new IllegalArgumentException(
          "Tried to compare limits in " + count + " rounds; an interval takes at least 5.");
    }
    LoadSearch changed = new LoadSearch(this);
    changed.rounds = count;
    return changed;
  }

  /**
   * Has rates judged by MLPerf's rule instead of the upper bound of the percentile: it takes
   * requests for independent, and needs more of them the more are over the limit.
   *
   * @return a search with {@link EarlyStopping#of} the percentile
   */
  public LoadSearch earlyStopping() {
    LoadSearch changed = new LoadSearch(this);
    changed.rule = Optional.of(EarlyStopping.of(percentile));
    return changed;
  }

  /**
   * Searches.
   *
   * @param subject what to measure
   * @param requests what to ask it
   * @return the rate and all runs
   * @throws IllegalArgumentException if the load is a recording too short for the limit
   * @throws io.inferc.common.InfercException if a caller cannot be opened, or throws where it
   *     should answer
   * @throws io.inferc.common.CancelledException if it was stopped, or the thread interrupted
   */
  public LoadLimit run(Subject subject, Requests requests) {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(requests, "requests");
    LoadSettings settings = test.settings(subject);
    requireLongEnough(settings);
    try (Callers callers = Callers.open(subject, settings.workers())) {
      return search(callers, requests, settings, 1, WIDE_STEP).limit();
    }
  }

  /**
   * Searches for each of some subjects: once from afar, then in rounds from what that found, in an
   * order drawn anew in each, so that whatever slows the machine for a while slows all.
   *
   * @param subjects one or more, each loaded with as many workers as the first has if none were set
   * @param requests what to ask them
   * @return all searches; without rounds if a subject keeps the limit at no rate
   * @throws io.inferc.common.InfercException if a caller cannot be opened, or throws where it
   *     should answer
   * @throws io.inferc.common.CancelledException if it was stopped, or the thread interrupted
   * @throws IllegalArgumentException if there is no subject, or the load is a recording too short
   *     for the limit
   */
  public LoadLimits compare(List<? extends Subject> subjects, Requests requests) {
    List<Subject> all = List.copyOf(subjects);
    Objects.requireNonNull(requests, "requests");
    if (all.isEmpty()) {
      throw new IllegalArgumentException("Tried to compare no subjects; give at least one.");
    }
    LoadSettings settings = test.settings(all.get(0));
    requireLongEnough(settings);
    List<Callers> callers = new ArrayList<>();
    try {
      for (Subject subject : all) {
        callers.add(Callers.open(subject, settings.workers()));
      }
      List<Found> first = new ArrayList<>();
      for (Callers each : callers) {
        first.add(search(each, requests, settings, 1, WIDE_STEP));
      }
      return new LoadLimits(
          percentile,
          limit,
          settings.seed(),
          all.stream().map(Subject::name).toList(),
          first.stream().map(Found::limit).toList(),
          first.stream().allMatch(found -> found.limit().rate().isPresent())
              ? rounds(callers, requests, settings, first)
              : List.of());
    } finally {
      callers.forEach(Callers::close);
    }
  }

  private List<List<LoadLimit>> rounds(
      List<Callers> callers, Requests requests, LoadSettings settings, List<Found> first) {
    List<List<LoadLimit>> done = new ArrayList<>();
    Random random = new Random(settings.seed());
    List<Integer> order = new ArrayList<>(IntStream.range(0, callers.size()).boxed().toList());
    for (int round = 0; round < rounds; round++) {
      Collections.shuffle(order, random);
      // Where each round begins at another rate, the steps between rates are averaged away.
      double shift = Math.pow(NARROW_STEP, random.nextDouble() - 0.5);
      LoadLimit[] found = new LoadLimit[callers.size()];
      for (int each : order) {
        double from = first.get(each).factor() * shift;
        LoadSettings drawn = settings.withSeed(settings.seed() + mostRuns * (round + 1L));
        found[each] = search(callers.get(each), requests, drawn, from, NARROW_STEP).limit();
      }
      done.add(List.of(found));
    }
    return done;
  }

  /**
   * What a search found.
   *
   * @param limit the runs
   * @param factor how many times the test's load was kept, 0 for none
   */
  private record Found(LoadLimit limit, double factor) {}

  private Found search(
      Callers callers, Requests requests, LoadSettings settings, double from, double step) {
    List<LoadLimit.Probe> probes = new ArrayList<>();
    double kept = 0;
    double refused = Double.POSITIVE_INFINITY;
    double factor = from;
    boolean wasVoid = false;
    while (probes.size() < mostRuns
        && refused > kept * (1 + resolution)
        && !(kept == 0 && isHopeless(probes, settings, factor))
        && isLongEnough(load.scaled(factor), settings)) {
      test.progress(
          "searching for the highest load of " + callers.subject().name(), probes.size(), mostRuns);
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
              ? step * factor
              : kept == 0 ? factor / step : Math.sqrt(kept * refused);
    }
    return new Found(new LoadLimit(percentile, limit, probes), kept);
  }

  private LoadLimit.Probe probe(
      Callers callers, Requests requests, LoadSettings settings, double factor, int number) {
    Load.Open scaled = load.scaled(factor);
    LoadSettings chosen =
        settings
            .withSeed(settings.seed() + number)
            .withWarmUp(settings.warmUp())
            .withLoad(scaled)
            .withDuration(longEnough(scaled, settings));
    long firstRequest = (chosen.seed() - test.seed()) * REQUESTS_OF_A_RUN;
    Execution execution = test.quietly(chosen, callers, requests, firstRequest);
    double counted = scaled.expected(chosen.warmUp(), chosen.length());
    execution.giveUpWhenWaiting(limit, allowed(counted));
    LoadRun run = execution.run();
    double rate = counted / Schedules.seconds(chosen.length().minus(chosen.warmUp()));
    if (execution.gaveUp()) {
      return new LoadLimit.Probe(rate, Optional.empty(), LoadLimit.Verdict.HOPELESS, run);
    }
    LatencyDistribution all = run.latencyWithFailures();
    if (all.count() == 0) {
      return new LoadLimit.Probe(rate, Optional.empty(), LoadLimit.Verdict.VOID, run);
    }
    PercentileBound bound = all.bound(percentile, CONFIDENCE);
    boolean isKept =
        rule.map(r -> r.passes(all.count(), all.count() - all.within(limit)))
            .orElseGet(() -> bound.keeps(limit.toNanos() / 1e6));
    LoadLimit.Verdict verdict = LoadLimit.Verdict.KEPT;
    if (run.isBroken() || (!isKept && run.isVoid())) {
      verdict = LoadLimit.Verdict.VOID;
    } else if (!isKept) {
      verdict = LoadLimit.Verdict.NOT_SHOWN;
    }
    return new LoadLimit.Probe(rate, Optional.of(bound), verdict, run);
  }

  /** How many of the requests that count may wait for longer than the limit. */
  private long allowed(double counted) {
    return (long) Math.ceil((1 - percentile / 100) * counted) + 1;
  }

  private void requireLongEnough(LoadSettings settings) {
    if (!isLongEnough(load, settings)) {
      throw new IllegalArgumentException(
          "Tried to search for the highest rate of a recording of "
              + settings.length()
              + " that keeps a limit of "
              + limit
              + ", but a rate is tried for "
              + LIMITS_PER_RUN
              + " times the limit at least, behind a warm-up of "
              + settings.warmUp()
              + ". Record for longer, warm up for less, or search under another load.");
    }
  }

  /**
   * Tells whether a rate that is too high would show: a recording that is played faster is over
   * sooner, and cannot be tried for longer.
   */
  private boolean isLongEnough(Load.Open scaled, LoadSettings settings) {
    return !(scaled instanceof Load.Replay replay)
        || replay
                .playingTime()
                .minus(settings.warmUp())
                .compareTo(limit.multipliedBy(LIMITS_PER_RUN))
            >= 0;
  }

  /**
   * Tells whether no lower rate can be shown to keep the limit: the subject takes longer even where
   * nothing waits, or there would be too few requests for a bound.
   */
  private boolean isHopeless(List<LoadLimit.Probe> probes, LoadSettings settings, double factor) {
    if (probes.isEmpty()) {
      return false;
    }
    LoadLimit.Probe last = probes.get(probes.size() - 1);
    LatencyDistribution service = last.run().service();
    // Where several are served at once, they may wait for each other inside of the subject; of a
    // run
    // that was ended early the throughput is not known.
    boolean oneAtOnce =
        settings.workers() == 1
            || (last.verdict() != LoadLimit.Verdict.HOPELESS
                && last.run().throughput() * service.mean().orElse(0) <= MILLIS_PER_SECOND);
    double most = load.scaled(factor).expected(settings.duration().multipliedBy(LONGEST));
    return most < samplesNeeded()
        || (service.count() > 0
            && oneAtOnce
            && service.percentile(percentile).low() > limit.toNanos() / 1e6);
  }

  private double samplesNeeded() {
    return rule.isPresent()
        ? rule.get().queriesNeeded(0)
        : PercentileBound.samplesNeeded(percentile, CONFIDENCE);
  }

  /** A bound takes so many samples that a low rate must run for longer. */
  private Duration longEnough(Load.Open scaled, LoadSettings settings) {
    double needed = SPARE_REQUESTS * samplesNeeded();
    double expected = Math.max(1e-9, scaled.expected(settings.duration()));
    double times = Math.max(1, Math.min(LONGEST, needed / expected));
    long length =
        Math.max((long) (settings.duration().toNanos() * times), LIMITS_PER_RUN * limit.toNanos());
    long period = Math.max(1, scaled.period().toNanos());
    return Duration.ofNanos((length + period - 1) / period * period);
  }
}

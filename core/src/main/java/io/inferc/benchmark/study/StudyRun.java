package io.inferc.benchmark.study;

import io.inferc.benchmark.Environment;
import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.BatchSweep;
import io.inferc.benchmark.load.BatchThroughput;
import io.inferc.benchmark.load.Interaction;
import io.inferc.benchmark.load.LatencyDistribution;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadLimits;
import io.inferc.benchmark.load.LoadRounds;
import io.inferc.benchmark.load.LoadRun;
import io.inferc.benchmark.load.LoadSearch;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.platform.CpuTimes;
import io.inferc.benchmark.platform.EnergyMeter;
import io.inferc.benchmark.platform.EnergyReading;
import io.inferc.benchmark.platform.MemorySampler;
import io.inferc.benchmark.platform.Roofline;
import io.inferc.benchmark.platform.RooflineShare;
import io.inferc.benchmark.statistics.PercentileEstimate;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.CompiledModel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One study while it is made. */
final class StudyRun {
  private static final Logger LOG = LoggerFactory.getLogger(StudyRun.class);
  private static final Duration MEMORY_INTERVAL = Duration.ofMillis(50);
  private static final int SEARCH_SHARE = 12;
  private static final Duration LEAST_SEARCH_RUN = Duration.ofSeconds(2);
  private static final int ALONE_SHARE = 4;
  private static final double P95 = 95;
  private static final double MEDIAN = 50;

  private final LoadStudy.Builder settings;
  private final List<Variant> variants;
  private final Requests requests;
  private final List<Variant.Opened> opened = new ArrayList<>();
  private final List<Startup> startups = new ArrayList<>();
  private final List<Subject> subjects = new ArrayList<>();
  private final List<String> unmeasured = new ArrayList<>();

  StudyRun(LoadStudy.Builder settings, List<Variant> variants, Requests requests) {
    this.settings = settings;
    this.variants = variants;
    this.requests = requests;
  }

  StudyResult run() {
    Instant startedAt = Instant.now();
    long start = System.nanoTime();
    Environment environment = Environment.current();
    Optional<CpuTimes> cpuBefore = CpuTimes.now();
    try {
      Optional<Roofline> roofline = settings.roofline;
      variants.forEach(this::open);
      LoadRounds rounds = rounds();
      Optional<LoadLimits> limits =
          settings.searches
              ? measured(
                  "the highest load within the limit", () -> limits(rounds), Optional.empty())
              : Optional.empty();
      List<VariantFigures> figures = new ArrayList<>();
      for (int i = 0; i < variants.size(); i++) {
        figures.add(alone(i, rounds, roofline));
      }
      environment =
          environment.withBackEnds(
              opened.stream().flatMap(o -> o.model().stream()).toArray(CompiledModel[]::new));
      if (cpuBefore.isPresent()) {
        environment = environment.stolenSince(cpuBefore.get());
      }
      if (settings.noise && rounds.comparison(0, variants.size()).isComparable(P95)) {
        environment =
            environment.withNoise(rounds.comparison(0, variants.size()).latency(P95).ratio());
      }
      Optional<Interaction> interaction =
          settings.factorial
              ? measured(
                  "whether the gains add",
                  () -> Optional.of(rounds.interaction(0, 1, 2, 3, P95)),
                  Optional.empty())
              : Optional.empty();
      return withGates(
          new StudyResult(
              settings.title,
              startedAt,
              Duration.ofNanos(System.nanoTime() - start),
              environment,
              roofline,
              figures,
              rounds,
              limits,
              interaction,
              Optional.empty(),
              unmeasured,
              List.of()));
    } finally {
      opened.forEach(StudyRun::close);
    }
  }

  /** Measures what comes after the rounds, which are not lost where it fails. */
  private <T> T measured(String what, Supplier<T> measurement, T otherwise) {
    try {
      return measurement.get();
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException | IllegalArgumentException | IllegalStateException e) {
      LOG.warn("Of {} nothing is known.", what, e);
      unmeasured.add("Tried to measure " + what + ", but: " + e.getMessage());
      return otherwise;
    }
  }

  private static void close(Variant.Opened variant) {
    try {
      variant.close().run();
    } catch (RuntimeException e) {
      LOG.warn("{} could not be closed.", variant.subject().name(), e);
    }
  }

  private void open(Variant variant) {
    progress("opening " + variant.name());
    try (MemorySampler memory = MemorySampler.start(MEMORY_INTERVAL)) {
      long start = System.nanoTime();
      Variant.Opened now = variant.open();
      opened.add(now);
      long open = System.nanoTime();
      Subject subject = new NamedSubject(variant.name(), now.subject());
      subjects.add(subject);
      Answer answer;
      try (Subject.Caller caller = subject.newCaller()) {
        answer = caller.call(requests.get(0));
      }
      long answered = System.nanoTime();
      if (answer.outcome() != Answer.Outcome.OK) {
        throw new InfercException(
            Stage.BENCHMARK,
            "Tried to study "
                + variant.name()
                + ", but its first request had the outcome "
                + answer.outcome()
                + ": "
                + answer.detail(),
            "Ask it once by hand with this request, and study it when that works.");
      }
      startups.add(
          new Startup(
              variant.isOpen() ? Optional.empty() : Optional.of(Duration.ofNanos(open - start)),
              Duration.ofNanos(answered - open),
              memory.stop()));
    }
  }

  private LoadTest.Builder test(Load load, Duration duration) {
    settings.cancellation.throwIfCancelled(Stage.BENCHMARK);
    LoadTest.Builder test =
        LoadTest.builder(load)
            .warmUp(settings.warmUp)
            .duration(duration)
            .seed(settings.seed)
            .cancellation(settings.cancellation)
            .progress(settings.progress);
    settings.limit.ifPresent(test::latencyLimit);
    settings.blocks.ifPresent(test::blocks);
    if (!(load instanceof Load.Closed)) {
      settings.workers.ifPresent(test::workers);
    }
    return test;
  }

  private LoadRounds rounds() {
    List<Subject> all = new ArrayList<>(subjects);
    if (settings.noise) {
      all.add(new NamedSubject(variants.get(0).name() + " again", opened.get(0).subject()));
    }
    return test(settings.load, settings.duration).build().compare(all, requests);
  }

  /** For how long each rate is tried. */
  static Duration searchRun(LoadStudy.Builder settings) {
    Duration share = settings.duration.dividedBy(SEARCH_SHARE);
    return settings.searchRun.orElse(
        share.compareTo(LEAST_SEARCH_RUN) < 0 ? LEAST_SEARCH_RUN : share);
  }

  /** Nothing where the baseline's own latency is the limit, and it did not answer. */
  private Optional<LoadLimits> limits(LoadRounds rounds) {
    Duration each = searchRun(settings);
    Load load =
        settings.load instanceof Load.Closed
            ? Load.poisson(Math.max(1, rounds.of(0).throughput() / 2))
            : settings.load;
    Optional<Duration> limit = settings.limit.isPresent() ? settings.limit : own(rounds);
    if (limit.isEmpty()) {
      unmeasured.add(
          "The highest load was not searched for: the limit was to be the baseline's own latency,"
              + " and it did not answer. Give a limit, or a load that the baseline can take.");
      return Optional.empty();
    }
    // Each rate has a warm-up of its own, which need not warm what has run for minutes; and what
    // waits for twice the limit when the load ends is beyond it anyway.
    LoadTest test =
        test(load, each)
            .warmUp(each.dividedBy(ALONE_SHARE))
            .drainLimit(limit.get().multipliedBy(2))
            .build();
    LoadSearch search = LoadSearch.of(test, settings.percentile, limit.get());
    return Optional.of(
        (settings.earlyStopping ? search.earlyStopping() : search).compare(subjects, requests));
  }

  /** What the baseline takes at equal load, by the upper bound where there are samples for one. */
  private Optional<Duration> own(LoadRounds rounds) {
    LatencyDistribution latency = rounds.of(0).latency();
    if (latency.count() == 0) {
      return Optional.empty();
    }
    PercentileEstimate own = latency.percentile(settings.percentile);
    double millis = Double.isFinite(own.high()) ? own.high() : own.value();
    return Double.isFinite(millis)
        ? Optional.of(Duration.ofNanos((long) (millis * 1e6)))
        : Optional.empty();
  }

  private VariantFigures alone(int place, LoadRounds rounds, Optional<Roofline> roofline) {
    Variant variant = variants.get(place);
    Subject subject = subjects.get(place);
    List<BatchThroughput> batches =
        variant
            .batches()
            .map(
                asked ->
                    measured(
                        "sizes of batch of " + variant.name(),
                        () -> sweep(subject, asked),
                        List.<BatchThroughput>of()))
            .orElse(List.of());
    Energy energy = new Energy(Optional.empty(), 0);
    if (settings.energy) {
      energy = measured("the energy of " + variant.name(), () -> energy(variant, subject), energy);
    }
    return new VariantFigures(
        variant.name(),
        startups.get(place),
        batches,
        energy.reading(),
        energy.requests(),
        share(variant, place, rounds, roofline),
        variant.usefulTokens(),
        variant.cost().orElse(settings.cost));
  }

  private List<BatchThroughput> sweep(Subject subject, Variant.Batches asked) {
    LoadTest closed = test(Load.closed(1), settings.duration.dividedBy(ALONE_SHARE)).build();
    return BatchSweep.of(closed)
        .run(
            subject,
            asked.requests(),
            asked.sizes().stream().mapToInt(Integer::intValue).toArray());
  }

  /** What was drawn while so many requests were answered. */
  private record Energy(Optional<EnergyReading> reading, long requests) {}

  private Energy energy(Variant variant, Subject subject) {
    progress("energy of " + variant.name());
    try (EnergyMeter meter = EnergyMeter.start()) {
      long answered = 0;
      if (meter.isAvailable()) {
        LoadRun run =
            test(settings.load, settings.duration.dividedBy(ALONE_SHARE))
                .warmUp(Duration.ZERO)
                .build()
                .run(subject, requests);
        answered = run.outcomes().getOrDefault(Answer.Outcome.OK, 0L);
      }
      return new Energy(Optional.of(meter.stop()), answered);
    }
  }

  private static Optional<RooflineShare> share(
      Variant variant, int place, LoadRounds rounds, Optional<Roofline> roofline) {
    LatencyDistribution service = rounds.of(place).service();
    if (roofline.isEmpty() || variant.work().isEmpty() || service.count() == 0) {
      return Optional.empty();
    }
    Work work = variant.work().get();
    if (roofline.get().compute().stream()
        .noneMatch(roof -> roof.precision().equals(work.precision()))) {
      return Optional.empty();
    }
    double seconds = service.percentile(MEDIAN).value() / 1e3;
    return Optional.of(
        roofline.get().share(work.precision(), work.multiplyAdds(), work.bytes(), seconds));
  }

  private StudyResult withGates(StudyResult result) {
    List<GateResult> gates = new ArrayList<>();
    int first = variants.size() == 1 ? 0 : 1;
    for (int i = first; i < variants.size(); i++) {
      for (Gate gate : settings.gates) {
        gates.add(gate.check(result, i));
      }
    }
    return result.withGates(gates);
  }

  private void progress(String task) {
    settings.progress.onProgress(Stage.BENCHMARK, task, 0, 1);
  }

  /** A subject under the name of its variant. */
  private record NamedSubject(String name, Subject subject) implements Subject {
    @Override
    public Caller newCaller() {
      return subject.newCaller();
    }

    @Override
    public int usualCallers() {
      return subject.usualCallers();
    }
  }
}

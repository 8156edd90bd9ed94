package io.inferc.report;

import io.inferc.benchmark.Cost;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.UsefulTokens;
import io.inferc.benchmark.load.BatchThroughput;
import io.inferc.benchmark.load.Interaction;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadLimit;
import io.inferc.benchmark.load.LoadLimits;
import io.inferc.benchmark.load.LoadRounds;
import io.inferc.benchmark.load.LoadRun;
import io.inferc.benchmark.load.LoadSettings;
import io.inferc.benchmark.load.MadeLoad;
import io.inferc.benchmark.load.MadeLoad.Fate;
import io.inferc.benchmark.load.ProcessRounds;
import io.inferc.benchmark.platform.ComputeRoof;
import io.inferc.benchmark.platform.ControlGroup;
import io.inferc.benchmark.platform.EnergyReading;
import io.inferc.benchmark.platform.Gpu;
import io.inferc.benchmark.platform.Machine;
import io.inferc.benchmark.platform.MemoryFigures;
import io.inferc.benchmark.platform.ProcessMemory;
import io.inferc.benchmark.platform.Processor;
import io.inferc.benchmark.platform.Roofline;
import io.inferc.benchmark.statistics.RatioEstimate;
import io.inferc.benchmark.study.GateResult;
import io.inferc.benchmark.study.Startup;
import io.inferc.benchmark.study.StudyResult;
import io.inferc.benchmark.study.VariantFigures;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;

/** Results of studies that never took place, of any shape, always the same. */
final class MadeStudies {
  private static final int ROUNDS = 14;
  private static final double RATE = 120;
  private static final Duration TURN = Duration.ofSeconds(1);
  private static final Duration LIMIT = Duration.ofMillis(50);

  private final Random random = new Random(3);
  private final List<String> names;
  private String title = "Sentences under production's load";
  private int wrongEach;
  private boolean isHopeless;
  private boolean hasLimits = true;
  private boolean hasNoise = true;
  private boolean hasEnergy = true;
  private int tokens;
  private int[] batches = {1, 2, 4, 8};
  private String word = "plain";
  private Fate wrong = Fate.failed("out of memory");

  private MadeStudies(List<String> names) {
    this.names = names;
  }

  static MadeStudies of(String... names) {
    return new MadeStudies(List.of(names));
  }

  MadeStudies title(String text) {
    title = text;
    return this;
  }

  /** Has every so many-th request of the last variant end in another way. */
  MadeStudies wrong(int each, Fate fate) {
    wrongEach = each;
    wrong = fate;
    return this;
  }

  /** Has no rate be kept by the last variant. */
  MadeStudies hopeless() {
    isHopeless = true;
    return this;
  }

  /** Leaves out all that is not always there. */
  MadeStudies bare() {
    hasLimits = false;
    hasNoise = false;
    hasEnergy = false;
    batches = new int[0];
    return this;
  }

  MadeStudies withoutLimits() {
    hasLimits = false;
    return this;
  }

  MadeStudies streamed(int count) {
    tokens = count;
    return this;
  }

  MadeStudies batches(int... sizes) {
    batches = sizes;
    return this;
  }

  /** Puts a word wherever text comes from outside. */
  MadeStudies saying(String text) {
    word = text;
    return this;
  }

  private double speed(int place) {
    return 12 * Math.pow(0.72, place % names.size());
  }

  private Fate fate(int place, int index) {
    boolean isLast = place == names.size() - 1;
    if (isLast && wrongEach > 0 && index % wrongEach == 0) {
      return wrong;
    }
    double served = speed(place) * Math.exp(0.35 * random.nextGaussian());
    return new Fate(served, Fate.ok(served).answer(), tokens);
  }

  private LoadRun run(int place, LoadSettings settings, Duration length, double rate, long seed) {
    String name = place < names.size() ? names.get(place) : names.get(0) + " again";
    return MadeLoad.run(name, settings, Load.poisson(rate), length, seed, i -> fate(place, i));
  }

  StudyResult result(GateResult... gates) {
    LoadSettings settings =
        MadeLoad.settings(Load.poisson(RATE), TURN.multipliedBy(ROUNDS), Optional.of(LIMIT));
    List<String> subjects = new ArrayList<>(names);
    if (hasNoise) {
      subjects.add(names.get(0) + " again");
    }
    List<List<LoadRun>> rounds = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      List<LoadRun> runs = new ArrayList<>();
      for (int i = 0; i < subjects.size(); i++) {
        runs.add(run(i, settings, TURN, RATE, round));
      }
      rounds.add(runs);
    }
    List<VariantFigures> figures = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      figures.add(figures(i));
    }
    LoadRounds turns = MadeLoad.rounds(settings, subjects, rounds);
    return new StudyResult(
        title,
        Instant.parse("2026-11-30T08:00:00Z"),
        Duration.ofSeconds(321),
        environment(),
        hasEnergy ? Optional.of(roofline()) : Optional.empty(),
        figures,
        turns,
        hasLimits ? Optional.of(limits(settings)) : Optional.empty(),
        names.size() == 4 ? Optional.of(interaction()) : Optional.empty(),
        names.size() == 4
            ? Optional.of(new ProcessRounds(List.of(turns, turns)))
            : Optional.empty(),
        List.of(),
        List.of(gates));
  }

  private LoadLimits limits(LoadSettings settings) {
    List<LoadLimit> first = new ArrayList<>();
    List<List<LoadLimit>> rounds = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      first.add(search(i, settings, new double[] {0.3, 0.6, 0.8, 1.2, 1.6}));
    }
    for (int round = 0; round < 6 && !isHopeless; round++) {
      List<LoadLimit> found = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        double shift = 1 + 0.02 * random.nextGaussian();
        found.add(
            search(
                i, settings, new double[] {0.5 * shift, 0.7 * shift, 0.85 * shift, 1.05 * shift}));
      }
      rounds.add(found);
    }
    return new LoadLimits(95, LIMIT, 7, names, first, rounds);
  }

  private LoadLimit search(int place, LoadSettings settings, double[] shares) {
    List<LoadLimit.Probe> probes = new ArrayList<>();
    for (double share : shares) {
      double rate = 3500 / speed(place) * share;
      boolean never = isHopeless && place == names.size() - 1;
      LoadLimit.Verdict verdict =
          never || share > 1.5
              ? LoadLimit.Verdict.HOPELESS
              : share > 0.95 ? LoadLimit.Verdict.NOT_SHOWN : LoadLimit.Verdict.KEPT;
      probes.add(
          MadeLoad.probe(
              rate,
              95,
              verdict,
              run(place, settings, TURN.multipliedBy(3), rate, random.nextInt(1000))));
    }
    return new LoadLimit(95, LIMIT, probes);
  }

  private VariantFigures figures(int place) {
    List<BatchThroughput> sizes = new ArrayList<>();
    for (int size : batches) {
      double rate = 1000 / speed(place) / Math.pow(size, 0.6);
      sizes.add(
          new BatchThroughput(
              size,
              rate,
              rate * size,
              size == batches[0] ? Optional.empty() : Optional.of(ratio(Math.pow(size, 0.4), 0.05)),
              MadeLoad.times(1000 / rate, 1010 / rate, 1100 / rate)));
    }
    Optional<EnergyReading> energy =
        hasEnergy
            ? Optional.of(
                new EnergyReading(
                    List.of(new EnergyReading.Part("package-0 " + word, "RAPL", 412.5)),
                    12,
                    List.of("No GPU tells its power " + word + ".")))
            : Optional.empty();
    return new VariantFigures(
        names.get(place),
        new Startup(
            place == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(812)),
            Duration.ofMillis(23),
            memory()),
        sizes,
        energy,
        1400,
        hasEnergy ? Optional.of(roofline().share("FP32", 3e8, 9e7, 0.012)) : Optional.empty(),
        hasEnergy ? Optional.of(new UsefulTokens(5904, 8192)) : Optional.empty(),
        Cost.rented(1.2, "EUR" + (word.equals("plain") ? "" : word)).withUtilisation(0.4));
  }

  private static MemoryFigures memory() {
    ProcessMemory memory =
        new ProcessMemory(
            OptionalLong.of(412_000_000), OptionalLong.of(512_000_000), 80_000_000, 2, 3, 4);
    OptionalLong none = OptionalLong.empty();
    return new MemoryFigures(memory, memory, memory, none, none, none, 12);
  }

  private static Roofline roofline() {
    ComputeRoof roof = new ComputeRoof("FP32", 4.12e10, "loops in Java on 2 threads");
    return new Roofline(
        2.1e10, 1.2e10, new ComputeRoof("FP32", 2e10, "one"), List.of(roof), 2, 3L << 28, true);
  }

  private static Interaction interaction() {
    return new Interaction(
        ratio(0.72, 0.02), ratio(0.52, 0.02), ratio(0.45, 0.02), ratio(1.2, 0.05));
  }

  static RatioEstimate ratio(double ratio, double half) {
    return new RatioEstimate(ratio, ratio * (1 - half), ratio * (1 + half), 0.95);
  }

  private Environment environment() {
    return new Environment(
        "Xeon " + word,
        2,
        "Linux " + word,
        "OpenJDK " + word,
        new Machine(
            new Processor(
                List.of("avx2", "avx512_vnni"),
                Optional.of("performance"),
                Optional.of(true),
                OptionalLong.of(34_000_000)),
            new ControlGroup(OptionalDouble.of(2), OptionalLong.of(24_000_000_000L)),
            OptionalDouble.of(0.31),
            List.of(
                new Gpu(
                    "GPU " + word,
                    "NVIDIA 580",
                    Optional.of("13.0"),
                    OptionalLong.of(1),
                    OptionalLong.empty())),
            List.of("-Xmx2g", "-Dx=" + word)),
        Map.of("onnxruntime" + (word.equals("plain") ? "" : word), "1.29.0 " + word),
        OptionalDouble.of(0.0012),
        Optional.of(ratio(1.002, 0.01)));
  }

  static GateResult gate(String variant, GateResult.Verdict verdict) {
    return new GateResult(
        "P95 not higher than the baseline's",
        variant,
        verdict,
        "At equal load it is 0.930 [0.911, 0.948] times the baseline's.");
  }
}

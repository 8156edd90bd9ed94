package io.inferc.examples;

import io.inferc.benchmark.Cost;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.study.Gate;
import io.inferc.benchmark.study.GateResult;
import io.inferc.benchmark.study.LoadStudy;
import io.inferc.benchmark.study.StudyResult;
import io.inferc.benchmark.study.Variant;
import io.inferc.common.InfercException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * Tells what a compiled model, or another server, is worth under load: against a baseline in turns,
 * in the words of a budget, with gates for a build.
 */
@Command(
    name = "Bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures a compiled model or a server under load, against a baseline in turns, and writes"
            + " reports. Ends with 0 if all gates pass, with 1 if one does not or the job fails.",
    footer = {
      "",
      "For example a model in INT8 against itself in FP32, under 200 requests a second:",
      "  Bench --model model.onnx --precision int8 --samples folder \\",
      "    --load poisson:200 --slo p99:20ms --cost 1.20EUR/h --gate gain:1.5",
      "and two servers:",
      "  Bench --baseline oip+http://127.0.0.1:8000/encoder --size 'x[0]=1..8' \\",
      "    --endpoint oip+http://127.0.0.1:9000/encoder --load bursts:100,2s,10,8s"
    })
public final class Bench implements Callable<Integer> {
  private static final String DEFAULT_REPORT = "target/inferc-report";
  private static final Duration QUICK = Duration.ofSeconds(6);
  private static final Duration QUICK_SEARCH = Duration.ofSeconds(1);
  private static final int QUICK_BLOCKS = 10;
  private static final int LEAST_BLOCKS = 5;
  private static final int FACTORIAL = 4;
  private static final String GAIN = "gain";

  @Mixin private final BenchVariants measuring = new BenchVariants();

  @Option(
      names = "--load",
      paramLabel = "LOAD",
      defaultValue = "poisson:100",
      description = {
        "How requests arrive (default: ${DEFAULT-VALUE}): closed:CLIENTS, constant:RATE,"
            + " poisson:RATE, bursts:RATE,TIME,RATE,TIME, ramp:RATE,RATE, daily:MEAN,RATIO,LENGTH"
            + " whose peak is RATIO times the mean, replay or replay:SPEED."
      })
  private String load = "poisson:100";

  @Option(
      names = "--slo",
      paramLabel = "P:TIME",
      converter = LatencyLimit.Text.class,
      description =
          "The latency limit that throughputs are found at, and a gate, such as p99:20ms. If not"
              + " given, what the baseline's P95 takes under the load.")
  private Optional<LatencyLimit> limit = Optional.empty();

  @Option(
      names = "--cost",
      paramLabel = "COST",
      converter = CostText.class,
      description =
          "What the machine costs: 1.20EUR/h, or price=9000,years=4,watts=350,kwh=0.25. If not"
              + " given, costs are told in machine hours.")
  private Optional<Cost> cost = Optional.empty();

  @Option(
      names = "--gate",
      paramLabel = "GATE",
      description =
          "What each candidate must keep: not-slower, or with another margin than 5 %% as in"
              + " not-slower:10%%, and gain:1.5 for 1.5 times the throughput. May be repeated.")
  private List<String> gates = new ArrayList<>();

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = DurationText.class,
      description = "For how long each variant is loaded in turns with the others (60s).")
  private Optional<Duration> duration = Optional.empty();

  @Option(
      names = "--blocks",
      paramLabel = "N",
      converter = PositiveCount.class,
      description =
          "Into how many turns that is cut, 5 or more (30); a turn must be long beside an answer.")
  private Optional<Integer> blocks = Optional.empty();

  @Option(
      names = "--workers",
      paramLabel = "N",
      converter = PositiveCount.class,
      description = "How many requests may be under way at once.")
  private Optional<Integer> workers = Optional.empty();

  @Option(
      names = "--factorial",
      description =
          "The variants are four, with neither of two changes, the first, the second, both: tell"
              + " whether their gains add.")
  private boolean factorial;

  @Option(
      names = "--processes",
      paramLabel = "N",
      converter = PositiveCount.class,
      description =
          "Compare anew in N processes besides, 2 or more, whose samples stay beside the report:"
              + " what a process is born with is then part of the interval.")
  private int processes;

  @Option(
      names = "--rounds-to",
      hidden = true,
      paramLabel = "DIR",
      description = "Leave the samples of the comparison there, and do nothing else.")
  private Optional<Path> roundsTo = Optional.empty();

  @Option(names = "--no-search", description = "Leave out the search for the highest load.")
  private boolean withoutSearch;

  @Option(names = "--early-stopping", description = "Have the search judge rates by MLPerf's rule.")
  private boolean earlyStopping;

  @Option(names = "--seed", paramLabel = "N", description = "What everything drawn depends on (1).")
  private long seed = 1;

  @Mixin private final BenchRequests asking = new BenchRequests();

  @Option(
      names = "--report",
      paramLabel = "DIR",
      defaultValue = DEFAULT_REPORT,
      converter = CheckedPaths.Folder.class,
      description =
          "Where bench.html, bench.json, bench.md and bench-junit.xml go (default:"
              + " ${DEFAULT-VALUE}).")
  private Path report = Path.of(DEFAULT_REPORT);

  @Option(names = "--quick", description = "Measure for seconds only; the figures are then rough.")
  private boolean quick;

  @Spec private CommandSpec command = CommandSpec.create();
  private final ConsoleProgress progress = ConsoleProgress.onStandardError();

  Bench() {}

  /**
   * Measures.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new Bench(), words);
  }

  /**
   * Does the job.
   *
   * @return 0, or 1 if a gate does not pass
   * @throws IOException if a file cannot be read or written
   */
  @Override
  public Integer call() throws IOException {
    StudyFiles files = StudyFiles.in(report, "bench");
    LoadStudy.Builder study = study();
    measuring.check();
    asking.check();
    check();
    try (measuring;
        progress) {
      return measure(study, files);
    }
  }

  /** Refuses what would show only after minutes, or never. */
  private void check() {
    if (processes == 1) {
      throw new TypeConversionException("--processes takes 2 or more, or is left out");
    }
    int variants = measuring.count();
    if (factorial && variants != FACTORIAL) {
      throw new TypeConversionException(
          "--factorial takes four variants, and there are "
              + variants
              + ": give more --endpoint, or --baseline");
    }
    if (!gates.isEmpty() && variants == 1) {
      throw new TypeConversionException(
          "--gate "
              + gates.get(0)
              + " holds a candidate to a baseline, and there is one variant only: give --baseline,"
              + " or more --endpoint");
    }
    if (withoutSearch && gates.stream().anyMatch(text -> text.startsWith(GAIN + ":"))) {
      throw new TypeConversionException(
          "--gate gain takes the search for the highest load: leave out --no-search");
    }
  }

  private int measure(LoadStudy.Builder study, StudyFiles files) throws IOException {
    Requests requests;
    List<Variant> variants;
    if (measuring.takesPrompts()) {
      requests = asking.prompts(seed);
      variants = measuring.prompted();
    } else {
      BenchRoofline roofline = new BenchRoofline(asking.profile());
      BenchVariants.Tensors found = measuring.tensors(asking, roofline, progress);
      requests = asking.tensors(found.inputs(), seed);
      variants =
          found.variants().stream().map(v -> asking.described(v, found.inputs(), seed)).toList();
      if (roofline.isAsked()) {
        study.roofline(roofline.measure());
      }
    }
    StudyResult result = study.build().run(variants, requests);
    if (roundsTo.isPresent()) {
      result.rounds().write(roundsTo.get());
      return ExampleRunner.GOOD;
    }
    progress.close();
    // Before other processes measure for as long again, any of which may fail.
    files.write(result);
    if (processes > 1) {
      result = anew(result, files);
      files.write(result);
    }
    tell(result);
    return ExampleRunner.code(result.passes());
  }

  private StudyResult anew(StudyResult result, StudyFiles files) throws IOException {
    List<String> words = new ArrayList<>(command.commandLine().getParseResult().originalArgs());
    try {
      // A process of its own measures no more than rounds, whatever else was asked for.
      return result.withProcesses(
          BenchProcesses.run(words, processes, report.resolve("bench-processes"), seed));
    } catch (IOException | InfercException | IllegalArgumentException e) {
      throw new IOException(
          "Tried to compare anew in "
              + processes
              + " processes, but: "
              + e.getMessage()
              + " What this process measured is in "
              + files.html().toAbsolutePath()
              + " and beside it.",
          e);
    }
  }

  private LoadStudy.Builder study() {
    if (blocks.filter(count -> count < LEAST_BLOCKS).isPresent()) {
      throw new TypeConversionException("--blocks takes 5 or more");
    }
    Load arrivals;
    try {
      arrivals = asking.load(load);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
    LoadStudy.Builder study =
        LoadStudy.builder(arrivals).title("Bench").seed(seed).energy(true).progress(progress);
    if (quick) {
      study.duration(QUICK).searchRun(QUICK_SEARCH).blocks(QUICK_BLOCKS).warmUp(QUICK_SEARCH);
    }
    duration.ifPresent(study::duration);
    workers.ifPresent(study::workers);
    blocks.ifPresent(study::blocks);
    cost.ifPresent(study::cost);
    limit.ifPresent(
        l -> study.limit(l.percentile(), l.limit()).gate(Gate.within(l.percentile(), l.limit())));
    gates.forEach(text -> study.gate(gate(text)));
    if (earlyStopping) {
      study.earlyStopping();
    }
    if (withoutSearch || roundsTo.isPresent()) {
      study.withoutSearch();
    }
    if (roundsTo.isPresent()) {
      study.noise(false).energy(false);
    }
    return factorial ? study.factorial() : study;
  }

  private Gate gate(String text) {
    String[] words = text.split(":", 2);
    String argument = words.length == 2 ? words[1] : "";
    try {
      if (words[0].equals("not-slower")) {
        double percentile = limit.map(LatencyLimit::percentile).orElse(95.0);
        String margin = argument.isEmpty() ? "5" : argument.replace("%", "");
        return Gate.notSlower(percentile, Double.parseDouble(margin) / 100);
      }
      if (words[0].equals(GAIN)) {
        return Gate.throughputGain(Double.parseDouble(argument));
      }
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' is no gate: " + e.getMessage());
    }
    throw new TypeConversionException("'" + text + "' is no gate such as not-slower or gain:1.5");
  }

  private static void tell(StudyResult result) {
    result.voidReasons().forEach(reason -> System.out.println("Void: " + reason));
    for (int i = 1; i < result.variants().size(); i++) {
      result.sentences(i).ifPresent(said -> said.all().forEach(System.out::println));
    }
    result.missing().forEach(System.out::println);
    for (int i = 0; i < result.variants().size(); i++) {
      System.out.println(result.rounds().of(i));
    }
    result.interaction().ifPresent(System.out::println);
    result
        .processes()
        .ifPresent(
            made -> {
              for (int i = 1; i < result.variants().size(); i++) {
                System.out.println(
                    result.variants().get(i).name()
                        + ", P95 over the baseline's in several processes: "
                        + BenchProcesses.p95(made, i));
              }
            });
    for (GateResult gate : result.gates()) {
      System.out.println(gate);
    }
  }
}

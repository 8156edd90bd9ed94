package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.benchmark.Cost;
import io.inferc.benchmark.endpoint.GrpcInferenceEndpoint;
import io.inferc.benchmark.endpoint.TensorEndpoint;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadComparison;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.study.Gate;
import io.inferc.benchmark.study.LoadStudy;
import io.inferc.benchmark.study.StudyResult;
import io.inferc.benchmark.study.Variant;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.LoadReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * What INT8 is worth for all-MiniLM-L6-v2 under load, with sentences of a corpus, one a request;
 * and what a server costs that runs the same model.
 */
@Command(
    name = "EmbeddingLoad",
    mixinStandardHelpOptions = true,
    description =
        "Measures all-MiniLM-L6-v2 in INT8 against FP32 under Poisson arrivals and bursts with"
            + " sentences as they are, at a P95 of 50 ms; or a server against this process.")
public final class EmbeddingLoad implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofMillis(50);
  private static final double PERCENTILE = 95;
  private static final int MAX_TOKENS = 128;
  private static final int MOST_REQUESTS = 1000;
  private static final double MARGIN = 0.05;
  private static final String GAIN = "embedding-load-";
  private static final String HOP = "embedding-hop-";
  private static final String CLOSED = "closed";

  @Mixin private final FigureOptions figures = new FigureOptions();

  @Option(
      names = "--rate",
      paramLabel = "N",
      converter = PositiveCount.class,
      description = "Requests a second on average, which FP32 must keep up with (50).")
  private int rate = 50;

  @Option(
      names = "--loads",
      paramLabel = "NAME",
      split = ",",
      description = "Of poisson and bursts those to measure under; both if not given.")
  private Set<LoadName> loads = EnumSet.allOf(LoadName.class);

  @Option(
      names = "--seconds",
      paramLabel = "N",
      converter = PositiveCount.class,
      description = "For how long each variant is loaded (120, with --quick 10).")
  private Optional<Integer> seconds = Optional.empty();

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      converter = EndpointAddress.Text.class,
      description =
          "Measure a server that runs the model in FP32 against this process instead, such as"
              + " oip+http://127.0.0.1:8080/minilm; given several times, each of them.")
  private List<EndpointAddress> endpoints = List.of();

  @Option(
      names = "--workers",
      paramLabel = "N",
      converter = PositiveCount.class,
      description =
          "With --endpoint, how many requests may be under way at once under Poisson arrivals (2).")
  private int workers = 2;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      defaultValue = "target/inferc-report",
      converter = CheckedPaths.Folder.class,
      description = "Where the reports go (default: ${DEFAULT-VALUE}).")
  private Path report = Path.of("target/inferc-report");

  private final ConsoleProgress progress = ConsoleProgress.onStandardError();

  /** How requests arrive. */
  private enum LoadName {
    POISSON,
    BURSTS;

    /** A fifth of the time three times as much as on average, and half of it in between. */
    Load load(int rate) {
      return this == POISSON
          ? Load.poisson(rate)
          : Load.bursts(3.0 * rate, Duration.ofMillis(400), 0.5 * rate, Duration.ofMillis(1600));
    }

    /** As the command line and reports write it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  EmbeddingLoad() {}

  /**
   * Measures.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new EmbeddingLoad(), words);
  }

  /**
   * Does the job.
   *
   * @return 0, also where nothing is gained, which the figures say
   * @throws IOException if a file cannot be read or written
   */
  @Override
  public Integer call() throws IOException {
    List<String> lines = new ArrayList<>();
    endpoints.stream()
        .filter(EndpointAddress::takesPrompts)
        .forEach(
            server -> {
              throw new TypeConversionException(
                  "'"
                      + server.text()
                      + "' takes prompts, and sentences are sent as tensors here: give an address"
                      + " such as oip+http://127.0.0.1:8080/minilm");
            });
    // Looked at before the work, which takes minutes.
    reports().forEach(name -> StudyFiles.in(report, name));
    try (progress;
        EmbeddingModels models = new EmbeddingModels();
        TextEncoder encoder = new TextEncoder(MAX_TOKENS)) {
      Corpus.Split sentences = Corpus.split();
      Requests requests = Requests.of(encoder.singly(sentences.unseen()), MOST_REQUESTS, rate);
      OnnxModel model = models.original();
      Variant single = variant("FP32", model, Precision.fp32());
      if (!endpoints.isEmpty()) {
        lines.addAll(hop(single, requests));
      } else {
        Variant int8 =
            variant("INT8", model, Precision.int8(encoder.singly(sentences.calibration())));
        lines.addAll(gain(single, int8, requests));
      }
    }
    figures.publish(lines);
    return ExampleRunner.GOOD;
  }

  private List<String> reports() {
    return !endpoints.isEmpty()
        ? List.of(HOP + CLOSED, HOP + LoadName.POISSON)
        : loads.stream().map(name -> GAIN + name).toList();
  }

  private Variant variant(String name, OnnxModel model, Precision precision) {
    return Variant.opening(name, () -> compile(model, precision));
  }

  private CompiledModel compile(OnnxModel model, Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime())
        .precision(precision)
        .profile(
            ShapeProfile.named("sentence")
                .fixed("batch_size", 1)
                .range("sequence_length", 2, 16, MAX_TOKENS))
        .progress(progress)
        .build()
        .compile(model, "all-MiniLM-L6-v2");
  }

  private List<String> gain(Variant single, Variant int8, Requests requests) {
    List<String> lines = new ArrayList<>();
    lines.add("# all-MiniLM-L6-v2 in INT8 against FP32 under load");
    for (LoadName name : loads) {
      StudyResult result =
          study(name.load(rate), "all-MiniLM-L6-v2, one sentence a request, " + name)
              .limit(PERCENTILE, LIMIT)
              .cost(Cost.rented(1.20, "EUR"))
              .gate(Gate.within(PERCENTILE, LIMIT))
              .gate(Gate.notSlower(PERCENTILE, MARGIN))
              .build()
              .run(List.of(single, int8), requests);
      StudyFiles.in(report, GAIN + name).write(result);
      lines.add("");
      lines.add(LoadReport.of(result).toMarkdown());
    }
    return lines;
  }

  private List<String> hop(Variant single, Requests requests) {
    List<Variant> variants = new ArrayList<>(List.of(single));
    List<GrpcInferenceEndpoint> connections = new ArrayList<>();
    try {
      for (EndpointAddress server : endpoints) {
        TensorEndpoint opened = server.openInference();
        if (opened instanceof GrpcInferenceEndpoint connection) {
          connections.add(connection);
        }
        variants.add(Variant.of(server.text(), opened));
      }
      return hops(variants, requests);
    } finally {
      connections.forEach(GrpcInferenceEndpoint::close);
    }
  }

  private List<String> hops(List<Variant> variants, Requests requests) {
    List<String> remarks = new ArrayList<>(List.of(""));
    List<String> lines = new ArrayList<>();
    lines.add("# all-MiniLM-L6-v2 in FP32, served and in this process");
    lines.add("");
    lines.add(
        "| load | server | in process, P50 ms | served, P50 ms | the hop, ms | ratio of P50 | ratio"
            + " of P95 |");
    lines.add("|---|---|---|---|---|---|---|");
    for (Load load : List.of(Load.closed(1), Load.poisson(rate))) {
      boolean closed = load instanceof Load.Closed;
      StudyResult result =
          study(load, "all-MiniLM-L6-v2, served and in process, " + load)
              .withoutSearch()
              .workers(closed ? 1 : workers)
              .build()
              .run(variants, requests);
      StudyFiles.in(report, HOP + (closed ? CLOSED : LoadName.POISSON)).write(result);
      for (int server = 1; server < variants.size(); server++) {
        LoadComparison comparison = result.rounds().comparison(0, server);
        String which =
            (closed ? load.toString() : load + ", " + workers + " at once")
                + " | "
                + endpoints.get(server - 1).text();
        if (!comparison.isComparable(PERCENTILE)) {
          lines.add("| " + which + " | not compared | | | | |");
          continue;
        }
        double here = comparison.baselineLatency().percentile(50).value();
        double there = comparison.candidateLatency().percentile(50).value();
        lines.add(
            String.format(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f | %s | %s |",
                which,
                here,
                there,
                there - here,
                comparison.latency(50).ratio(),
                comparison.latency(PERCENTILE).ratio()));
      }
      result.voidReasons().forEach(reason -> remarks.add("Void under " + load + ": " + reason));
    }
    lines.addAll(remarks);
    return lines;
  }

  private LoadStudy.Builder study(Load load, String title) {
    int length = seconds.orElse(figures.quick() ? 10 : 120);
    LoadStudy.Builder study =
        LoadStudy.builder(load)
            .title(title)
            .energy(true)
            .progress(progress)
            .duration(Duration.ofSeconds(length))
            .searchRun(Duration.ofMillis(length * 50L));
    return figures.quick() ? study.blocks(10).warmUp(Duration.ofSeconds(1)) : study;
  }
}

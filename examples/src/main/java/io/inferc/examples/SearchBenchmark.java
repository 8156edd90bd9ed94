package io.inferc.examples;

import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.RatioInterval;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.runtime.CompiledModel;
import io.inferc.search.SearchResult;
import io.inferc.search.SearchStep;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.Dataset;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How good the search on all-MiniLM-L6-v2 is how early: runs it for some time, and measures what it
 * had after ten minutes against what it has in the end, in turns. Prints Markdown, and writes it to
 * a file if one is named.
 */
@Command(
    name = "SearchBenchmark",
    mixinStandardHelpOptions = true,
    description =
        "Searches the fastest mix of layers of all-MiniLM-L6-v2, and measures what it had early"
            + " against what it has in the end.")
public final class SearchBenchmark implements Callable<Integer> {
  /** The tolerances that the command line knows by name. */
  enum NamedTolerance {
    BALANCED,
    FAST;

    Tolerance limits() {
      return this == FAST ? EmbeddingModels.FAST : EmbeddingModels.BALANCED;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Mixin private final FigureOptions figures = new FigureOptions();

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "60",
      converter = PositiveCount.class,
      description = "How long to search, calibration apart (default: ${DEFAULT-VALUE}).")
  private int minutes = 60;

  @Option(
      names = "--early",
      paramLabel = "N",
      defaultValue = "10",
      converter = PositiveCount.class,
      description = "The minutes whose best is held against the end (default: ${DEFAULT-VALUE}).")
  private int earlyMinutes = 10;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      description =
          "${COMPLETION-CANDIDATES}: mean cosine 0.995 and least 0.975, or mean 0.990 (default:"
              + " ${DEFAULT-VALUE}).")
  private NamedTolerance tolerance = NamedTolerance.BALANCED;

  @Option(
      names = "--state",
      paramLabel = "FILE",
      converter = CheckedPaths.OutputFile.class,
      description = "Keep what was measured there, and go on from it.")
  private Optional<Path> state = Optional.empty();

  SearchBenchmark() {}

  /**
   * Searches and measures.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new SearchBenchmark(), words);
  }

  /**
   * Does the job.
   *
   * @return 0
   * @throws IOException if a model cannot be unpacked or the file not written
   */
  @Override
  public Integer call() throws IOException {
    try (EmbeddingModels models = new EmbeddingModels();
        TextEncoder encoder = new TextEncoder(EmbeddingModels.TOKENS)) {
      figures.publish(run(models, encoder));
    }
    return ExampleRunner.GOOD;
  }

  private List<String> run(EmbeddingModels models, TextEncoder encoder) throws IOException {
    Corpus.Split sentences = Corpus.split();
    Dataset judging = encoder.singly(sentences.judging());
    OnnxModel model = models.original();
    var compiler =
        EmbeddingModels.compiler(
            Precision.int8(encoder.singly(sentences.calibration()))
                .smoothQuant(PrecisionChoice.CHEAP));
    ModelRewriter rewriter = compiler.rewriter(model);
    long start = System.nanoTime();
    rewriter.calibrationTable();
    double calibrated = (System.nanoTime() - start) / 1e9;
    var search =
        compiler
            .search(model, rewriter)
            .samples(judging, tolerance.limits())
            .view(new SentenceEmbedding())
            .workload(models.workload())
            .budget(Duration.ofMinutes(minutes))
            .progress(
                (stage, what, done, total) -> {
                  if (stage == Stage.SEARCH) {
                    System.err.printf(
                        Locale.ROOT, "[%5.0f s] %s%n", (System.nanoTime() - start) / 1e9, what);
                  }
                });
    state.ifPresent(search::resume);
    SearchResult result = search.run();
    double early = 60.0 * earlyMinutes - calibrated;
    LayerPlan then =
        result.steps().stream()
            .filter(s -> s.seconds() <= early)
            .reduce((a, b) -> b)
            .map(SearchStep::plan)
            .orElseThrow();
    List<String> report = report(models, rewriter, result, then, calibrated);
    report.addAll(proof(models, encoder.singly(sentences.proving()), result));
    return report;
  }

  /** What the mix is worth in a long measurement, and on sentences it was not chosen by. */
  private List<String> proof(EmbeddingModels models, Dataset proving, SearchResult result)
      throws IOException {
    try (CompiledModel original =
            EmbeddingModels.compiler(Precision.fp32()).compile(models.original());
        CompiledModel found = EmbeddingModels.compiler(Precision.fp32()).compile(result.model())) {
      OutputAccuracy embedding =
          Accuracy.comparison(original, found)
              .view(new SentenceEmbedding())
              .run(proving, result.accuracy().tolerance())
              .outputs()
              .get(0);
      RatioInterval gain =
          Benchmark.compare(
                  original, found, models.workload(), EmbeddingModels.options(figures.quick()))
              .throughputRatio();
      return List.of(
          String.format(
              Locale.ROOT,
              "In turns with the original, the throughput of that mix is %s times as high. On %d"
                  + " sentences that neither calibration nor the search has seen, its mean cosine"
                  + " is %.4f and the least %.4f.",
              gain,
              embedding.samples(),
              embedding.metric(Metric.MEAN_COSINE).orElseThrow(),
              embedding.metric(Metric.MIN_COSINE).orElseThrow()),
          "");
    }
  }

  private List<String> report(
      EmbeddingModels models,
      ModelRewriter rewriter,
      SearchResult result,
      LayerPlan then,
      double calibrated)
      throws IOException {
    List<String> text =
        new ArrayList<>(EmbeddingModels.header("The search on all-MiniLM-L6-v2, best by time"));
    text.add(
        String.format(
            Locale.ROOT,
            "ONNX Runtime on the CPU, %s, tolerance \"%s\" %s on %d sentences not calibrated on."
                + " Time from the start, %.0f s of calibration included; speed-ups over the"
                + " original are short measurements.",
            EmbeddingModels.WORKLOAD,
            result.accuracy().tolerance().name(),
            result.accuracy().tolerance().limits(),
            result.accuracy().outputs().get(0).samples(),
            calibrated));
    text.addAll(List.of("", "| after | best mix so far | times faster |", "|---|---|---|"));
    for (SearchStep s : result.steps()) {
      text.add(
          String.format(
              Locale.ROOT,
              "| %.0f s | %s | %.2f |",
              s.seconds() + calibrated,
              s.what(),
              s.speedup()));
    }
    text.add("");
    text.add(
        String.format(
            Locale.ROOT,
            "%d trials; the search ended because %s. In the end: %s",
            result.trials(),
            result.complete() ? "nothing promising was left" : "its time was up",
            result.verdict()));
    text.add("");
    text.add(ratio(models, rewriter, result, then));
    text.addAll(List.of("", "The mix in the end: " + describe(result.plan()), ""));
    return text;
  }

  private String ratio(
      EmbeddingModels models, ModelRewriter rewriter, SearchResult result, LayerPlan then) {
    if (describe(then).equals(describe(result.plan()))) {
      return "The best after " + earlyMinutes + " minutes is the best in the end.";
    }
    try (CompiledModel before = compiled(rewriter, then);
        CompiledModel end = compiled(rewriter, result.plan())) {
      RatioInterval ratio =
          Benchmark.compare(
                  end, before, models.workload(), EmbeddingModels.options(figures.quick()))
              .latencyRatio();
      return String.format(
          Locale.ROOT,
          "Latency of the best in the end over that of the best after %d minutes, in turns: %s"
              + " (0.97 and more is within 3 %%).",
          earlyMinutes,
          ratio);
    }
  }

  private static CompiledModel compiled(ModelRewriter rewriter, LayerPlan plan) {
    return EmbeddingModels.compiler(Precision.fp32()).compile(rewriter.rewrite(plan));
  }

  /** The layers by precision, those in FP32 by name. */
  static String describe(LayerPlan plan) {
    TreeMap<NumericPrecision, List<String>> byPrecision = new TreeMap<>();
    plan.decisions()
        .forEach(
            (node, d) ->
                byPrecision.computeIfAbsent(d.precision(), p -> new ArrayList<>()).add(node));
    return byPrecision.entrySet().stream()
        .map(
            e ->
                e.getValue().size()
                    + " at "
                    + e.getKey()
                    + (e.getKey() == NumericPrecision.FP32 ? " " + e.getValue() : ""))
        .collect(Collectors.joining(", "));
  }
}

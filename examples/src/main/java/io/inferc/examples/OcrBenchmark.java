package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Workload;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.search.SearchResult;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What the search makes of the models of PP-OCR on ONNX Runtime, beside INT8 everywhere: latency
 * against single precision in turns, and what is left of the results. Prints Markdown, and writes
 * it to a file if one is named.
 */
@Command(
    name = "OcrBenchmark",
    mixinStandardHelpOptions = true,
    description =
        "Searches the fastest mix of layers of each model of PP-OCR, and measures it beside INT8"
            + " everywhere.")
public final class OcrBenchmark implements Callable<Integer> {
  private static final long SEED = 20_240_607;
  @Mixin private final FigureOptions figures = new FigureOptions();

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "6",
      converter = PositiveCount.class,
      description = "How long each search may take (default: ${DEFAULT-VALUE}).")
  private int minutes = 6;

  @Option(
      names = "--models",
      paramLabel = "NAME",
      split = ",",
      description = "Of ${COMPLETION-CANDIDATES}, with commas between them (default: all).")
  private List<OcrSubject.Name> models = List.of(OcrSubject.Name.values());

  @Option(
      names = "--state",
      paramLabel = "DIR",
      converter = CheckedPaths.Folder.class,
      description = "Keep the state of the searches there, and go on from it.")
  private Optional<Path> state = Optional.empty();

  OcrBenchmark() {}

  /**
   * Searches and measures.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new OcrBenchmark(), words);
  }

  /**
   * Does the job.
   *
   * @return 0, also where a limit is missed, which the figures say
   * @throws IOException if a model cannot be unpacked or the file not written
   */
  @Override
  public Integer call() throws IOException {
    System.setProperty("java.awt.headless", "true");
    LineRenderer renderer = new LineRenderer(SEED, Corpus.sentences());
    Path folder = Files.createTempDirectory("inferc-benchmark-");
    List<String> report =
        new ArrayList<>(
            EmbeddingModels.header("PP-OCR at the precision that the search finds, ONNX Runtime"));
    report.add(
        "One request at a time, models measured in turns; ratios of median latency over that of the"
            + " model as exported, with 95 % intervals. Accuracy on samples that neither"
            + " calibration nor search has seen.");
    report.addAll(
        List.of(
            "",
            "| model | configuration | p50 | times FP32 | kept | layers with INT8 |",
            "|---|---|---|---|---|---|"));
    List<String> verdicts = new ArrayList<>();
    try {
      for (OcrSubject.Name name : models) {
        report.addAll(measure(name, renderer, folder, verdicts));
      }
    } finally {
      for (OcrSubject.Name name : models) {
        Files.deleteIfExists(folder.resolve(name + ".onnx"));
      }
      Files.deleteIfExists(folder);
    }
    report.add("");
    report.addAll(verdicts);
    figures.publish(report);
    return ExampleRunner.GOOD;
  }

  private List<String> measure(
      OcrSubject.Name name, LineRenderer renderer, Path folder, List<String> verdicts)
      throws IOException {
    OcrSubject s = OcrSubject.of(name, renderer, folder, figures.quick());
    try (CompiledModel original =
        compiler(s, Precision.fp32()).compile(s.model(), name.toString())) {
      Compiler compiler = compiler(s, Precision.int8(s.calibration()));
      ModelRewriter rewriter = compiler.rewriter(s.model());
      List<String> rows = new ArrayList<>();
      rows.add(row(s, original, "FP32, cleaned up", rewriter, new LayerPlan(Map.of())));
      rows.add(row(s, original, "INT8 everywhere", rewriter, rewriter.plan()));
      var search =
          compiler
              .search(s.model(), rewriter)
              .samples(s.searching(), s.searched())
              .view(s.view())
              .workload(Workload.of(s.title(), s.request()))
              .budget(Duration.ofMinutes(minutes))
              .progress(
                  (stage, what, done, total) -> {
                    if (stage == Stage.SEARCH) {
                      System.err.println(what);
                    }
                  });
      state.ifPresent(kept -> search.resume(kept.resolve(name + ".json")));
      SearchResult found = search.run();
      System.err.println(found);
      verdicts.add("- " + s.title() + ": " + found.verdict());
      rows.add(
          found.asGiven()
              ? String.format(
                  "| %s | search: the model as it was given | | 1, the same model | all | none |",
                  s.title())
              : row(s, original, "search", rewriter, found.plan()));
      return rows;
    } finally {
      s.request().values().forEach(Tensor::close);
    }
  }

  private String row(
      OcrSubject s, CompiledModel original, String what, ModelRewriter rewriter, LayerPlan plan) {
    OnnxModel given = rewriter.rewrite(plan);
    try (CompiledModel compiled = compiler(s, Precision.fp32()).compile(given, what)) {
      AccuracyReport accuracy =
          Accuracy.comparison(original, compiled).view(s.view()).run(s.unseen(), s.tolerance());
      BenchmarkOptions measuring =
          figures.quick()
              ? BenchmarkOptions.defaults()
                  .withRounds(8)
                  .withTimes(Duration.ofMillis(300), Duration.ofMillis(200))
              : BenchmarkOptions.defaults();
      BenchmarkComparison gain =
          Benchmark.compare(original, compiled, Workload.of(s.title(), s.request()), measuring);
      Metric metric = s.tolerance().limits().keySet().iterator().next();
      String row =
          String.format(
              Locale.ROOT,
              "| %s | %s | %.2f ms, FP32 %.2f ms | %s | %s %.4f, %s | %s |",
              s.title(),
              what,
              gain.compiled().latency().p50(),
              gain.original().latency().p50(),
              gain.latencyRatio(),
              metric.label(),
              accuracy.outputs().get(0).metric(metric).orElse(Double.NaN),
              accuracy.passed() ? "within the limit" : "below the limit",
              integers(rewriter));
      System.err.println(row);
      return row;
    }
  }

  /** How many of the layers that can be quantized are. */
  private static String integers(ModelRewriter rewriter) {
    Set<String> layers = rewriter.candidates().keySet();
    long integers =
        layers.stream()
            .map(rewriter.outcome()::get)
            .filter(d -> d != null && d.precision().isInteger())
            .count();
    return integers == 0 ? "none" : integers + " of " + layers.size();
  }

  private static Compiler compiler(OcrSubject subject, Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime())
        .precision(precision)
        .profile(subject.profile())
        .build();
  }
}

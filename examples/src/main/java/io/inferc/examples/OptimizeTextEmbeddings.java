package io.inferc.examples;

import io.inferc.BackendInfo;
import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Workload;
import io.inferc.onnx.ModelSummary;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.FusionReport;
import io.inferc.report.OptimizationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The main job, start to end, on a real sentence-embedding model: import, compile, prove that the
 * answers are still right, measure the gain, use the model for semantic search, and report.
 */
@Command(
    name = "OptimizeTextEmbeddings",
    mixinStandardHelpOptions = true,
    description =
        "Compiles all-MiniLM-L6-v2, proves that its sentence embeddings are still right, measures"
            + " the gain, and reports.")
public final class OptimizeTextEmbeddings implements Callable<Integer> {
  private static final String NAME = "all-minilm-l6-v2";
  private static final String MODEL = "/" + NAME + ".onnx";
  private static final int MAX_TOKENS = 128;
  private static final int BATCH = 8;
  private static final int SHOWN_HITS = 2;
  // What search over sentences does not notice; Tolerance.embedding() asks for a mean of 0.995.
  private static final Tolerance CLOSE_ENOUGH =
      Tolerance.custom()
          .named("sentence search")
          .limit(Metric.MEAN_COSINE, 0.99)
          .limit(Metric.MIN_COSINE, 0.975)
          .build();

  @Mixin private final Arguments arguments = new Arguments();
  @Spec private CommandSpec command = CommandSpec.create();
  private final ConsoleProgress progress = ConsoleProgress.onStandardError();

  OptimizeTextEmbeddings() {}

  /**
   * Runs the example.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new OptimizeTextEmbeddings(), words);
  }

  /**
   * Does the job.
   *
   * @return 0, or 1 if the compiled model's answers differ too much
   * @throws IOException if the model cannot be unpacked
   */
  @Override
  public Integer call() throws IOException {
    ReportFiles files = arguments.report("text-embeddings");
    Path folder = Files.createTempDirectory("inferc-example-");
    Path model = folder.resolve(NAME + ".onnx");
    try (progress) {
      ModelResource.unpack(MODEL, model);
      return ExampleRunner.code(run(model, files));
    } finally {
      Files.deleteIfExists(model);
      Files.deleteIfExists(folder);
    }
  }

  private boolean run(Path file, ReportFiles files) throws IOException {
    say("Back ends");
    for (BackendInfo backend : Inferc.backends()) {
      System.out.println(backend);
    }

    say("Import");
    OnnxModel model = OnnxModel.load(file);
    ModelSummary summary = model.summary();
    System.out.print(summary);

    Corpus.Split split = Corpus.split();
    List<Corpus> calibration = split.calibration();
    // What a search was judged by proves nothing of what it found.
    boolean searches = arguments.precision().filter(NamedPrecision.SEARCH::equals).isPresent();
    List<Corpus> proving = searches ? split.proving() : split.unseen();
    List<Corpus> proved = spread(proving, arguments.atMost(proving.size()));
    List<Corpus> judging = searches ? split.judging() : proved;
    try (TextEncoder encoder = new TextEncoder(MAX_TOKENS)) {
      say("Compile");
      PrecisionChoice choice =
          new PrecisionChoice(
              arguments,
              encoder.singly(calibration),
              encoder.singly(spread(judging, arguments.atMost(judging.size()))),
              CLOSE_ENOUGH,
              new SentenceEmbedding(),
              profile(),
              progress);
      Map<String, Tensor> request = encoder.encode(texts(proved.subList(0, batch())));
      PrecisionChoice.Compiled result = choice.compile(model, NAME, NamedPrecision.INT8, request);
      try {
        progress.close();
        OptimizationReport report =
            report(file, summary, choice, result, encoder, proved, calibration.size(), request);
        say("Report");
        files.write(report);
        return report.accuracy().filter(AccuracyReport::passed).isPresent();
      } finally {
        request.values().forEach(Tensor::close);
      }
    }
  }

  private OptimizationReport report(
      Path file,
      ModelSummary summary,
      PrecisionChoice choice,
      PrecisionChoice.Compiled result,
      TextEncoder encoder,
      List<Corpus> sentences,
      int calibrated,
      Map<String, Tensor> request) {
    try (CompiledModel compiled = result.model();
        CompiledModel original = plain(file)) {
      System.out.println("compiled for " + compiled.target() + " " + compiled.backendVersion());
      System.out.println(result.told());
      result.search().ifPresent(System.out::println);
      result.warnings().forEach(System.out::println);

      AccuracyReport accuracy = validate(original, compiled, encoder, sentences);
      List<BenchmarkComparison> gains = measure(original, compiled, encoder, sentences);
      List<Corpus> corpus = Corpus.sentences();
      search(
          compiled,
          encoder,
          spread(corpus, arguments.atMost(corpus.size())),
          Corpus.queries().subList(0, arguments.atMost(Corpus.queries().size())));
      FusionReport fusion = FusionReport.of(result.given(), compiled.kernels(request));

      OptimizationReport.Builder report =
          OptimizationReport.builder("all-MiniLM-L6-v2")
              .command(Arguments.line(getClass(), command.commandLine().getParseResult()))
              .model(compiled)
              .fact("precision", result.precision())
              .fact("shapes", PrecisionChoice.shapes(compiled))
              .fact("calibrated on", calibrated + " sentences")
              .fact("compared on", sentences.size() + " other sentences")
              .summary(summary)
              .accuracy(accuracy)
              .fusion(fusion)
              .note(
                  "The original is the model as it was exported, in single precision, as ONNX"
                      + " Runtime runs it on the CPU with all its own optimizations.");
      result.describe(report);
      choice.drift(result, accuracy).ifPresent(report::layerDiff);
      gains.forEach(report::benchmark);
      return report.build();
    }
  }

  /** The reference: the model as exported, with the optimizations of ONNX Runtime itself. */
  private CompiledModel plain(Path file) {
    return Compiler.forTarget(Target.onnxRuntime())
        .profile(profile())
        .progress(progress)
        .build()
        .compile(file);
  }

  private static ShapeProfile profile() {
    return ShapeProfile.named("online")
        .range("batch_size", 1, 8, 32)
        .range("sequence_length", 2, 32, MAX_TOKENS);
  }

  private int batch() {
    return arguments.atMost(BATCH);
  }

  /** Picks some of a list, evenly over its length: its neighbours are about the same topic. */
  private static List<Corpus> spread(List<Corpus> all, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> all.get(Math.toIntExact((long) i * all.size() / count)))
        .toList();
  }

  private static List<String> texts(List<Corpus> sentences) {
    return sentences.stream().map(Corpus::text).toList();
  }

  private AccuracyReport validate(
      CompiledModel original, CompiledModel compiled, TextEncoder encoder, List<Corpus> sentences) {
    say("Validate");
    AccuracyReport report =
        Accuracy.comparison(original, compiled)
            .view(new SentenceEmbedding())
            .progress(progress)
            .run(encoder.singly(sentences), CLOSE_ENOUGH);
    progress.close();
    System.out.println(report);
    return report;
  }

  private List<BenchmarkComparison> measure(
      CompiledModel original, CompiledModel compiled, TextEncoder encoder, List<Corpus> sentences) {
    say("Benchmark");
    BenchmarkOptions options =
        arguments.quick()
            ? BenchmarkOptions.defaults()
                .withRounds(4)
                .withTimes(Duration.ofMillis(200), Duration.ofMillis(100))
            : BenchmarkOptions.defaults();
    List<BenchmarkComparison> results = new ArrayList<>();
    for (int batch : new TreeSet<>(List.of(1, batch()))) {
      List<String> texts = texts(sentences.subList(0, batch));
      Map<String, Tensor> inputs = encoder.encode(texts);
      try {
        String name = batch + " x " + inputs.values().iterator().next().size(1) + " tokens";
        BenchmarkComparison result =
            Benchmark.comparison(original, compiled)
                .progress(progress)
                .run(Workload.of(name, inputs), options);
        progress.close();
        System.out.print(result);
        results.add(result);
      } finally {
        inputs.values().forEach(Tensor::close);
      }
    }
    return results;
  }

  private static void search(
      CompiledModel compiled, TextEncoder encoder, List<Corpus> sentences, List<Corpus> queries) {
    say("Semantic search over " + sentences.size() + " sentences");
    int right = 0;
    try (InferenceSession session = compiled.newSession()) {
      SentenceSearch search = new SentenceSearch(session, encoder, sentences);
      for (Corpus query : queries) {
        List<SentenceSearch.Hit> hits = search.best(query.text(), SHOWN_HITS);
        right += hits.get(0).sentence().topic().equals(query.topic()) ? 1 : 0;
        System.out.println("? " + query.text());
        for (SentenceSearch.Hit hit : hits) {
          System.out.printf(
              "    %.3f  %-10s %s%n", hit.cosine(), hit.sentence().topic(), hit.sentence().text());
        }
      }
    }
    System.out.printf(
        "%d of %d queries found a sentence of their topic first%n", right, queries.size());
  }

  private static void say(String heading) {
    System.out.println();
    System.out.println("== " + heading + " ==");
  }
}

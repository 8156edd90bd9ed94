package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputView;
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
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Reading text from pictures: compiles a PP-OCR model, proves on lines drawn for the purpose that
 * it still reads the same, measures the gain, and reports.
 */
@Command(
    name = "OptimizeOcr",
    mixinStandardHelpOptions = true,
    description =
        "Compiles a PP-OCR model, proves on lines of text drawn for the purpose that it still reads"
            + " the same, measures the gain, and reports.")
public final class OptimizeOcr implements Callable<Integer> {
  private static final long SEED = 20_240_607;
  private static final int LINES = 400;
  private static final int QUICK_LINES = 60;
  private static final int SEARCHED_LINES = 150;
  private static final int SHOWN_LINES = 5;
  private static final int BATCH = 6;

  /** At most one line in fifty may read differently than before. */
  private static final Tolerance SAME_TEXT =
      Tolerance.custom().named("same text").limit(Metric.EXACT_MATCH, 0.98).build();

  /**
   * A search takes the best of many mixes on few lines, which flatters it: there no line may read
   * differently, lest other lines show more than one in fifty.
   */
  private static final Tolerance EVERY_TEXT =
      Tolerance.custom().named("every text").limit(Metric.EXACT_MATCH, 1).build();

  // Numbers of lines that the reading itself never gets to.
  private static final long CALIBRATION = 100_000;
  private static final long SEARCHED = 200_000;

  @Mixin private final Arguments arguments = new Arguments();
  @Spec private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "Which model: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private OcrModel model = OcrModel.RECOGNITION;

  private final ConsoleProgress progress = ConsoleProgress.onStandardError();

  OptimizeOcr() {}

  /**
   * Runs the example.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new OptimizeOcr(), words);
  }

  /**
   * Does the job.
   *
   * @return 0, or 1 if the compiled model reads too many lines differently
   * @throws IOException if the model cannot be unpacked
   */
  @Override
  public Integer call() throws IOException {
    ReportFiles files = arguments.report("ocr-" + model);
    // Pictures are only drawn to memory, so no display is needed.
    System.setProperty("java.awt.headless", "true");
    Path folder = Files.createTempDirectory("inferc-example-");
    Path file = folder.resolve("ocr-" + model + ".onnx");
    try (progress) {
      model.unpack(file);
      return ExampleRunner.code(run(file, files));
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }

  /** How many lines are read, judged and measured with. */
  private int lines() {
    return arguments.atMost(arguments.quick() ? QUICK_LINES : LINES);
  }

  private boolean run(Path file, ReportFiles files) throws IOException {
    say("Import");
    OnnxModel onnx = OnnxModel.load(file);
    ModelSummary summary = onnx.summary();
    System.out.print(summary);

    OcrTask task = model.task(onnx);
    LineRenderer renderer = new LineRenderer(SEED, Corpus.sentences());
    PrecisionChoice choice =
        new PrecisionChoice(
            arguments,
            task.dataset(renderer, CALIBRATION, arguments.quick() ? QUICK_LINES : 500),
            task.dataset(
                renderer,
                SEARCHED,
                arguments.atMost(arguments.quick() ? QUICK_LINES : SEARCHED_LINES)),
            EVERY_TEXT,
            text(task),
            task.profile(),
            progress);
    Map<String, Tensor> request = task.encode(usual(task, renderer, 1));
    try {
      say("Compile");
      PrecisionChoice.Compiled result =
          choice.compile(onnx, "ocr-" + model, NamedPrecision.SEARCH, request);
      progress.close();
      OptimizationReport report = report(file, summary, choice, result, task, renderer, request);
      say("Report");
      files.write(report);
      return report.accuracy().filter(AccuracyReport::passed).isPresent();
    } finally {
      request.values().forEach(Tensor::close);
    }
  }

  private OptimizationReport report(
      Path file,
      ModelSummary summary,
      PrecisionChoice choice,
      PrecisionChoice.Compiled result,
      OcrTask task,
      LineRenderer renderer,
      Map<String, Tensor> request) {
    try (CompiledModel compiled = result.model();
        CompiledModel original = plain(file, task)) {
      System.out.println("compiled for " + compiled.target() + " " + compiled.backendVersion());
      System.out.println(result.told());
      result.search().ifPresent(System.out::println);
      result.warnings().forEach(System.out::println);

      AccuracyReport accuracy = validate(original, compiled, task, renderer);
      say("Reading");
      ReadingErrors before = read(original, task, renderer, 0);
      ReadingErrors after = read(compiled, task, renderer, SHOWN_LINES);
      System.out.println("original: " + task.tell(before) + "\ncompiled: " + task.tell(after));
      say("Kernels");
      FusionReport fusion = FusionReport.of(result.given(), compiled.kernels(request));
      System.out.print(fusion);
      List<BenchmarkComparison> gains = measure(original, compiled, task, renderer);

      OptimizationReport.Builder report =
          OptimizationReport.builder(model.title())
              .command(Arguments.line(getClass(), command.commandLine().getParseResult()))
              .model(compiled)
              .fact("precision", result.precision())
              .fact("shapes", PrecisionChoice.shapes(compiled))
              .fact("samples", lines() + " lines of text drawn with the seed " + SEED)
              .fact("original against the truth", task.tell(before))
              .fact("compiled against the truth", task.tell(after))
              .summary(summary)
              .accuracy(accuracy)
              .fusion(fusion)
              .note("Exact match compares the decoded text of whole lines, not tensors.")
              .note(
                  "The original is the model as it was exported, in single precision, as ONNX"
                      + " Runtime runs it on the CPU with all its own optimizations.");
      result.describe(report);
      choice.drift(result, accuracy).ifPresent(report::layerDiff);
      gains.forEach(report::benchmark);
      return report.build();
    } finally {
      request.values().forEach(Tensor::close);
    }
  }

  /** The reference: the model as exported, with the optimizations of ONNX Runtime itself. */
  private CompiledModel plain(Path file, OcrTask task) {
    return Compiler.forTarget(Target.onnxRuntime())
        .profile(task.profile())
        .progress(progress)
        .build()
        .compile(file);
  }

  private static OutputView text(OcrTask task) {
    return (inputs, outputs) -> {
      List<String> read = task.read(outputs);
      return Map.of("text", Tensor.ofStrings(read, read.size()));
    };
  }

  private AccuracyReport validate(
      CompiledModel original, CompiledModel compiled, OcrTask task, LineRenderer renderer) {
    say("Validate");
    AccuracyReport report =
        Accuracy.comparison(original, compiled)
            .view(text(task))
            .progress(progress)
            .run(task.dataset(renderer, 0, lines()), SAME_TEXT);
    progress.close();
    System.out.println(report);
    return report;
  }

  private ReadingErrors read(
      CompiledModel compiled, OcrTask task, LineRenderer renderer, int shown) {
    ReadingErrors errors = new ReadingErrors();
    try (InferenceSession session = compiled.newSession()) {
      for (int i = 0; i < lines(); i++) {
        TextLine line = task.line(renderer, i);
        Map<String, Tensor> inputs = task.encode(List.of(line));
        Map<String, Tensor> outputs = Map.of();
        try {
          outputs = session.run(inputs);
          String read = task.read(outputs).get(0);
          errors.add(task.truth(line), read);
          if (i < shown) {
            System.out.printf("    %-44s read as: %s%n", line.text(), read);
          }
        } finally {
          inputs.values().forEach(Tensor::close);
          outputs.values().forEach(Tensor::close);
        }
      }
    }
    return errors;
  }

  private List<BenchmarkComparison> measure(
      CompiledModel original, CompiledModel compiled, OcrTask task, LineRenderer renderer) {
    say("Benchmark");
    BenchmarkOptions options =
        arguments.quick()
            ? BenchmarkOptions.defaults()
                .withRounds(4)
                .withTimes(Duration.ofMillis(200), Duration.ofMillis(100))
            : BenchmarkOptions.defaults();
    List<BenchmarkComparison> results = new ArrayList<>();
    for (int batch : new TreeSet<>(List.of(1, Math.min(BATCH, lines() - lines() / 2)))) {
      Map<String, Tensor> inputs = task.encode(usual(task, renderer, batch));
      try {
        String name =
            batch + " x " + inputs.values().iterator().next().size(3) + " pixels of width";
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

  /** Engines sort lines by width before they batch them; the middle ones are the usual request. */
  private List<TextLine> usual(OcrTask task, LineRenderer renderer, int batch) {
    List<TextLine> byWidth =
        LongStream.range(0, lines())
            .mapToObj(i -> task.line(renderer, i))
            .sorted(Comparator.comparingInt(LineTensors::width))
            .toList();
    return byWidth.subList(lines() / 2, lines() / 2 + batch);
  }

  private static void say(String heading) {
    System.out.println();
    System.out.println("== " + heading + " ==");
  }
}

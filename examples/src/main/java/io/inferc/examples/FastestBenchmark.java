package io.inferc.examples;

import io.inferc.BestPrecision;
import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputView;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Workload;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What one call finds, against ONNX Runtime in single precision and against the best of all that
 * one would try by hand: each back end here at each precision with full calibration. Prints
 * Markdown, and writes it to a file if one is named.
 */
@Command(
    name = "FastestBenchmark",
    mixinStandardHelpOptions = true,
    description =
        "Compiles real models by one call, and measures the result against single precision and"
            + " against the best found by hand.")
public final class FastestBenchmark implements Callable<Integer> {
  private static final long SEED = 20_240_607;
  private static final int SAMPLES = 200;
  private static final Tolerance NUMBERS =
      Tolerance.custom().named("numbers").limit(Metric.MEAN_COSINE, 0.99).build();

  /** A model with what is needed to judge it. */
  private record Subject(
      String title,
      OnnxModel model,
      Optional<ShapeProfile> profile,
      Optional<OutputView> view,
      Tolerance tolerance,
      Dataset samples,
      Dataset unseen,
      Map<String, Tensor> request,
      Map<String, Way> others) {}

  /** One way to compile by hand, measured. */
  private record ByHand(String name, BenchmarkComparison gain, AccuracyReport accuracy) {}

  @Mixin private final FigureOptions figures = new FigureOptions();

  @Option(
      names = "--subject",
      paramLabel = "NAME",
      split = ",",
      description =
          "minilm:BATCHxTOKENS, recognition, classification, detection, or a file of a model with"
              + " one input of floats followed by its shape, such as resnet50.onnx:1x3x224x224.")
  private List<String> subjects = List.of("minilm:4x128");

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "300",
      converter = PositiveCount.class,
      description = "How long one call may take (default: ${DEFAULT-VALUE}).")
  private int seconds = 300;

  @Option(names = "--min-cosine", description = "The least cosine of an embedding, if one counts.")
  private Optional<Double> minCosine = Optional.empty();

  @Option(names = "--mean-cosine", description = "The mean cosine of embeddings (default: 0.99).")
  private Optional<Double> meanCosine = Optional.empty();

  @Option(
      names = "--peer",
      paramLabel = "NAME=FILE",
      description =
          "A file that somebody else made of all-MiniLM-L6-v2, such as OpenVINO's .xml, to measure"
              + " beside the others.")
  private Map<String, Path> peers = new LinkedHashMap<>();

  @Option(
      names = "--hand",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Of the ways by hand only those whose name has this in it.")
  private String hand = "";

  @Option(
      names = "--pytorch",
      paramLabel = "PYTHON",
      description = "A Python with PyTorch, to measure it on the architecture of all-MiniLM-L6-v2.")
  private Optional<Path> pytorch = Optional.empty();

  @Option(
      names = "--scripts",
      paramLabel = "DIR",
      defaultValue = "docs/benchmarks",
      description = "Where " + EmbeddingBenchmark.SCRIPT + " lies (default: ${DEFAULT-VALUE}).")
  private Path scripts = Path.of("docs/benchmarks");

  FastestBenchmark() {}

  /**
   * Measures.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new FastestBenchmark(), words);
  }

  /**
   * Does the job.
   *
   * @return 0
   * @throws IOException if a model cannot be unpacked or the file not written
   */
  @Override
  public Integer call() throws IOException {
    System.setProperty("java.awt.headless", "true");
    List<String> report =
        new ArrayList<>(EmbeddingModels.header("One call against the best found by hand"));
    Path folder = Files.createTempDirectory("inferc-benchmark-");
    try (TextEncoder encoder = new TextEncoder(EmbeddingModels.TOKENS)) {
      for (String name : subjects) {
        report.addAll(measure(subject(name, encoder, folder)));
      }
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(folder);
    }
    figures.publish(report);
    return ExampleRunner.GOOD;
  }

  private Subject subject(String name, TextEncoder encoder, Path folder) throws IOException {
    if (name.startsWith("minilm:")) {
      return embedding(name.substring("minilm:".length()), encoder, folder);
    }
    int colon = name.lastIndexOf(':');
    if (colon > 0) {
      return generated(Path.of(name.substring(0, colon)), name.substring(colon + 1));
    }
    OcrSubject ocr =
        OcrSubject.of(
            OcrSubject.Name.valueOf(name.toUpperCase(Locale.ROOT)),
            new LineRenderer(SEED, Corpus.sentences()),
            folder,
            figures.quick());
    return new Subject(
        ocr.title(),
        ocr.model(),
        Optional.of(ocr.profile()),
        Optional.of(ocr.view()),
        ocr.tolerance(),
        ocr.calibration(),
        ocr.unseen(),
        ocr.request(),
        Map.of());
  }

  private Subject embedding(String size, TextEncoder encoder, Path folder) throws IOException {
    String[] sizes = size.split("x", -1);
    int batch = Integer.parseInt(sizes[0]);
    int tokens = Integer.parseInt(sizes[1]);
    Path file = folder.resolve("all-minilm-l6-v2.onnx");
    ModelResource.unpack("/all-minilm-l6-v2.onnx", file);
    Path published = folder.resolve("all-minilm-l6-v2-q.onnx");
    ModelResource.unpack("/all-minilm-l6-v2-q.onnx", published);
    Corpus.Split split = Corpus.split();
    Tolerance.Builder tolerance =
        Tolerance.custom().named("embeddings").limit(Metric.MEAN_COSINE, meanCosine.orElse(0.99));
    minCosine.ifPresent(least -> tolerance.limit(Metric.MIN_COSINE, least));
    return new Subject(
        "all-MiniLM-L6-v2, " + size,
        OnnxModel.load(file),
        Optional.empty(),
        Optional.of(new SentenceEmbedding()),
        tolerance.build(),
        encoder.singly(split.calibration()),
        encoder.singly(split.unseen()),
        EmbeddingModels.request(batch, tokens),
        peers(published));
  }

  /** What others made of all-MiniLM-L6-v2, each on the runtime that it was made for. */
  private Map<String, Way> peers(Path published) {
    Map<String, Way> ways = new LinkedHashMap<>();
    ways.put("INT8 as others published it", () -> foreign(published));
    peers.forEach((name, file) -> ways.put(name, () -> foreign(file)));
    return ways;
  }

  private static CompiledModel foreign(Path file) {
    boolean isOnnx = file.toString().endsWith(".onnx");
    Target target = isOnnx ? Target.onnxRuntime() : Target.openVino();
    return Compiler.forTarget(target).build().compile(file);
  }

  private Subject generated(Path file, String shape) {
    OnnxModel model = OnnxModel.load(file);
    String input = model.graph().requiredInputs().get(0).name();
    long[] sizes = Arrays.stream(shape.split("x", -1)).mapToLong(Long::parseLong).toArray();
    int count = (int) Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    return new Subject(
        String.valueOf(file.getFileName()),
        model,
        Optional.empty(),
        Optional.empty(),
        NUMBERS,
        Dataset.generated(SAMPLES, i -> Map.of(input, Tensor.of(normal(i, count), sizes))),
        Dataset.generated(
            SAMPLES / 4, i -> Map.of(input, Tensor.of(normal(SAMPLES + i, count), sizes))),
        Map.of(input, Tensor.of(normal(-1, count), sizes)),
        Map.of());
  }

  private static float[] normal(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private Compiler.Builder compiler(Target target, Subject subject) {
    Compiler.Builder builder = Compiler.forTarget(target);
    subject.profile().ifPresent(builder::profile);
    return builder;
  }

  private List<String> measure(Subject s) {
    List<String> text = new ArrayList<>(List.of("## " + s.title(), ""));
    Workload request = Workload.of(s.title(), s.request());
    BestPrecision best =
        Precision.best(s.samples())
            .within(s.tolerance())
            .budget(Duration.ofSeconds(seconds))
            .requests(RequestMix.of(request));
    best = s.view().map(best::view).orElse(best);
    long start = System.nanoTime();
    Compiler oneCall =
        compiler(Target.fastest(), s)
            .precision(best)
            .progress(
                (stage, what, done, total) -> {
                  if (stage == Stage.SEARCH) {
                    System.err.printf(
                        Locale.ROOT, "[%5.0f s] %s%n", (System.nanoTime() - start) / 1e9, what);
                  }
                })
            .build();
    try (CompiledModel original =
            compiler(Target.onnxRuntime(), s).build().compile(s.model(), "original");
        CompiledModel found = oneCall.compile(s.model(), "found")) {
      double took = (System.nanoTime() - start) / 1e9;
      System.err.println(found.report());
      ByHand winner = measured("one call", original, found, s, request);
      text.add(
          String.format(
              Locale.ROOT,
              "One call took %.0f s of %d and chose **%s**.",
              took,
              seconds,
              found
                  .report()
                  .chosen()
                  .map(c -> c.target() + " at " + c.precision())
                  .orElse("the original")));
      String first = row(winner, Optional.empty());
      System.err.println(first);
      text.addAll(List.of("", HEADER, RULE, first));
      byHand(s)
          .forEach(
              (name, model) -> {
                try (CompiledModel compiled = model.compile()) {
                  ByHand hand = measured(name, original, compiled, s, request);
                  BenchmarkComparison against =
                      Benchmark.compare(compiled, found, request, options());
                  String row = row(hand, Optional.of(against));
                  System.err.println(row);
                  text.add(row);
                } catch (InfercException e) {
                  text.add("| " + name + " | refused: " + e.getMessage() + " | | | |");
                }
              });
      if (!s.others().isEmpty()) {
        pytorch.ifPresent(python -> text.add(beside(python, found, request)));
      }
      text.addAll(KernelTable.of(s.model(), request, original, found));
      text.addAll(List.of("", "What one call tried:", "", "```text"));
      text.addAll(found.report().toString().lines().toList());
      text.addAll(List.of("```", ""));
      return text;
    } finally {
      s.request().values().forEach(Tensor::close);
    }
  }

  private static final String HEADER =
      "| configuration | p50 | times ONNX Runtime FP32 | kept on unseen samples | one call is times"
          + " faster |";
  private static final String RULE = "|---|---|---|---|---|";

  /** Compiles when asked to. */
  @FunctionalInterface
  private interface Way {
    CompiledModel compile();
  }

  /** Every back end here at every precision that it takes, as one would try them. */
  private Map<String, Way> byHand(Subject s) {
    Map<String, Way> ways = new LinkedHashMap<>();
    List<Precision> precisions =
        List.of(
            Precision.fp32(),
            Precision.bf16(),
            Precision.int8Dynamic(),
            Precision.int8(s.samples()),
            Precision.int8(s.samples()).smoothQuant(PrecisionChoice.CHEAP));
    ways.putAll(s.others());
    List<Target> targets =
        Inferc.backends().stream()
            .filter(b -> b.availability().isAvailable() && !b.name().equals(Target.MIGRAPHX))
            .map(b -> Target.backend(b.name()))
            .toList();
    for (Target target : targets) {
      for (Precision precision : precisions) {
        ways.put(
            target + " at " + precision,
            () -> compiler(target, s).precision(precision).build().compile(s.model(), "by hand"));
      }
    }
    ways.keySet().removeIf(name -> !name.contains(hand));
    return ways;
  }

  /** PyTorch in turns with what was found, one process beside this. */
  private String beside(Path python, CompiledModel found, Workload request) {
    String size = request.name().substring(request.name().lastIndexOf(' ') + 1);
    String[] sizes = size.split("x", -1);
    List<String> command =
        List.of(
            python.toString(),
            EmbeddingBenchmark.SCRIPT,
            sizes[0],
            sizes[1],
            Integer.toString(Runtime.getRuntime().availableProcessors()));
    try (ProcessModel peer = ProcessModel.start(scripts, command)) {
      BenchmarkComparison against = Benchmark.compare(peer, found, request, options());
      return String.format(
          Locale.ROOT,
          "| %s | %.2f ms | | | %s |",
          peer.name(),
          against.original().latency().p50(),
          against.latencyRatio());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BenchmarkOptions options() {
    return figures.quick()
        ? BenchmarkOptions.defaults()
            .withRounds(5)
            .withTimes(Duration.ofMillis(200), Duration.ofMillis(150))
        : BenchmarkOptions.defaults()
            .withRounds(15)
            .withTimes(Duration.ofMillis(500), Duration.ofMillis(250));
  }

  private ByHand measured(
      String name, CompiledModel original, CompiledModel model, Subject s, Workload request) {
    Accuracy comparison = Accuracy.comparison(original, model);
    s.view().ifPresent(comparison::view);
    return new ByHand(
        name,
        Benchmark.compare(original, model, request, options()),
        comparison.run(s.unseen(), s.tolerance()));
  }

  private static String row(ByHand hand, Optional<BenchmarkComparison> against) {
    String kept =
        hand.accuracy().outputs().stream()
            .flatMap(o -> o.limits().keySet().stream().map(m -> cell(m, o.metric(m).orElse(0))))
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "| %s | %.2f ms | %s | %s, %s | %s |",
        hand.name(),
        hand.gain().compiled().latency().p50(),
        hand.gain().latencyRatio(),
        kept,
        hand.accuracy().passed() ? "within" : "**below**",
        against.map(a -> a.latencyRatio().toString()).orElse(""));
  }

  private static String cell(Metric metric, double value) {
    return String.format(Locale.ROOT, "%s %.4f", metric.label(), value);
  }
}

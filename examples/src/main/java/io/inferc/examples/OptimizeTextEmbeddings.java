package io.inferc.examples;

import io.inferc.BackendInfo;
import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Tolerance;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions.Optimization;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Workload;
import io.inferc.common.InfercException;
import io.inferc.onnx.ModelSummary;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.OptimizationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The main job, start to end, on a real sentence-embedding model: import, compile, prove that the
 * answers are still right, measure the gain, use the model for semantic search, and report.
 */
public final class OptimizeTextEmbeddings {
  private static final String MODEL = "/all-minilm-l6-v2.onnx";
  private static final int MAX_TOKENS = 128;
  private static final int BATCH = 8;
  private static final int SHOWN_HITS = 2;

  private final Arguments arguments;
  private final ConsoleProgress progress;

  private OptimizeTextEmbeddings(Arguments arguments, ConsoleProgress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  /**
   * Runs the example.
   *
   * @param words {@code --help} lists the options
   * @throws IOException if the model cannot be unpacked
   */
  public static void main(String... words) throws IOException {
    Optional<Arguments> arguments = Arguments.parse(words);
    if (arguments.isEmpty()) {
      System.out.println(Arguments.USAGE);
      return;
    }
    Path folder = Files.createTempDirectory("inferc-example-");
    Path model = folder.resolve("all-minilm-l6-v2.onnx");
    try (ConsoleProgress progress = ConsoleProgress.onStandardError()) {
      unpack(model);
      new OptimizeTextEmbeddings(arguments.get(), progress).run(model);
    } catch (InfercException e) {
      System.err.println("Stopped in the stage " + e.stage() + ". " + e.getMessage());
      throw e;
    } finally {
      Files.deleteIfExists(model);
      Files.deleteIfExists(folder);
    }
  }

  private static void unpack(Path to) throws IOException {
    try (InputStream in = OptimizeTextEmbeddings.class.getResourceAsStream(MODEL)) {
      if (in == null) {
        throw new IOException("the model " + MODEL + " is not on the class path");
      }
      Files.copy(in, to);
    }
  }

  private void run(Path file) throws IOException {
    say("Back ends");
    for (BackendInfo backend : Inferc.backends()) {
      System.out.println(backend);
    }

    say("Import");
    OnnxModel model = OnnxModel.load(file);
    ModelSummary summary = model.summary();
    System.out.print(summary);

    List<Corpus> sentences = Corpus.sentences();
    try (TextEncoder encoder = new TextEncoder(MAX_TOKENS);
        CompiledModel original = compile(file, asExported(), Precision.fp32());
        CompiledModel compiled = compile(file, arguments.target(), Precision.fp32())) {
      System.out.println("compiled for " + compiled.target() + " " + compiled.backendVersion());

      AccuracyReport accuracy = validate(original, compiled, encoder, sentences);
      List<BenchmarkComparison> gains = measure(original, compiled, encoder, sentences);
      search(compiled, encoder, sentences);

      OptimizationReport.Builder report =
          OptimizationReport.builder("all-MiniLM-L6-v2")
              .fact("target", compiled.target() + " " + compiled.backendVersion())
              .fact("precision", Precision.fp32().toString())
              .fact("profiles", compiled.profiles().toString())
              .fact("samples", sentences.size() + " sentences in batches of " + BATCH)
              .summary(summary)
              .accuracy(accuracy)
              .note(
                  "The original is the model as it was exported, run node by node in ONNX Runtime"
                      + " on the CPU, without graph optimization.");
      gains.forEach(report::benchmark);
      write(report.build());
    }
  }

  /** The reference: nothing fused, nothing rewritten. */
  private static Target asExported() {
    return Target.onnxRuntime()
        .options(OnnxRuntimeOptions.builder().optimization(Optimization.NONE).build());
  }

  private CompiledModel compile(Path file, Target target, Precision precision) {
    return Compiler.forTarget(target)
        .precision(precision)
        .profile(
            ShapeProfile.named("online")
                .range("batch_size", 1, 8, 32)
                .range("sequence_length", 2, 32, MAX_TOKENS))
        .progress(progress)
        .build()
        .compile(file);
  }

  private AccuracyReport validate(
      CompiledModel original, CompiledModel compiled, TextEncoder encoder, List<Corpus> sentences) {
    say("Validate");
    List<List<String>> batches = batches(sentences);
    Dataset dataset = Dataset.generated(batches.size(), i -> encoder.encode(batches.get((int) i)));
    AccuracyReport report =
        Accuracy.comparison(original, compiled)
            .progress(progress)
            .run(dataset, Tolerance.embedding());
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
    for (int batch : new int[] {1, BATCH}) {
      List<String> texts = batches(sentences).get(0).subList(0, batch);
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

  private static void search(CompiledModel compiled, TextEncoder encoder, List<Corpus> sentences) {
    say("Semantic search over " + sentences.size() + " sentences");
    int right = 0;
    List<Corpus> queries = Corpus.queries();
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

  private void write(OptimizationReport report) {
    Path html = arguments.report().resolve("text-embeddings.html");
    Path json = arguments.report().resolve("text-embeddings.json");
    report.writeHtml(html);
    report.writeJson(json);
    say("Report");
    System.out.println(html.toAbsolutePath());
    System.out.println(json.toAbsolutePath());
  }

  private static List<List<String>> batches(List<Corpus> sentences) {
    List<List<String>> batches = new ArrayList<>();
    for (int from = 0; from < sentences.size(); from += BATCH) {
      batches.add(
          sentences.subList(from, Math.min(sentences.size(), from + BATCH)).stream()
              .map(Corpus::text)
              .toList());
    }
    return batches;
  }

  private static void say(String heading) {
    System.out.println();
    System.out.println("== " + heading + " ==");
  }
}

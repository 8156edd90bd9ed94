package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.RatioInterval;
import io.inferc.benchmark.Workload;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.rewrite.layer.WeightQuantization.Method;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The figures of {@link WeightOnlyBenchmark}. */
final class WeightOnlyFigures {
  private static final Set<String> MEASURED =
      Set.of("8 bits, least error", "4 bits, least error", "4 bits, activation-aware");

  private static final double MB = 1e6;

  /** One request of the two that speed is measured with. */
  private record Size(int batch, int tokens) {
    String text() {
      return batch + "x" + tokens;
    }

    Map<String, Tensor> request() {
      long[] ids = new Random(1).longs((long) batch * tokens, 1000, 20_000).toArray();
      long[] ones = new long[ids.length];
      Arrays.fill(ones, 1);
      return Map.of(
          "input_ids", Tensor.of(ids, batch, tokens),
          "attention_mask", Tensor.of(ones, batch, tokens),
          "token_type_ids", Tensor.of(new long[ids.length], batch, tokens));
    }
  }

  private static final List<Size> SIZES = List.of(new Size(1, 16), new Size(32, 128));

  private final EmbeddingModels models;
  private final TextEncoder encoder;
  private final Target target;
  private final boolean quick;
  private final Corpus.Split sentences = Corpus.split();
  private final Set<String> chosen = new LinkedHashSet<>();

  WeightOnlyFigures(EmbeddingModels models, TextEncoder encoder, Target target, boolean quick) {
    this.models = models;
    this.encoder = encoder;
    this.target = target;
    this.quick = quick;
  }

  private Map<String, Precision> precisions() {
    Dataset samples = encoder.singly(sentences.calibration());
    Map<String, Precision> precisions = new LinkedHashMap<>();
    for (int bits : new int[] {8, 4}) {
      WeightQuantization how = WeightQuantization.bits(bits);
      precisions.put(
          bits + " bits, round to nearest",
          Precision.weights(how.withMethod(Method.ROUND_TO_NEAREST)));
      precisions.put(bits + " bits, least error", Precision.weights(how));
      precisions.put(bits + " bits, activation-aware", Precision.weights(bits, samples));
    }
    WeightQuantization symmetric = WeightQuantization.bits(4).withZeroPoints(false);
    precisions.put(
        "4 bits symmetric, round to nearest",
        Precision.weights(symmetric.withMethod(Method.ROUND_TO_NEAREST)));
    precisions.put("4 bits symmetric, least error", Precision.weights(symmetric));
    precisions.put(
        "4 bits symmetric, activation-aware",
        Precision.weights(symmetric.withMethod(Method.ACTIVATION_AWARE), samples));
    return precisions;
  }

  /** Measures and returns lines of Markdown. */
  List<String> measure() throws IOException {
    OnnxModel model = models.original();
    List<String> rows = new ArrayList<>();
    try (CompiledModel original = compiler(Precision.fp32()).compile(model)) {
      long whole = size(compiler(Precision.fp32()), model);
      for (Map.Entry<String, Precision> p : precisions().entrySet()) {
        rows.add(row(p.getKey(), p.getValue(), model, original, whole));
        System.err.println(rows.get(rows.size() - 1));
      }
      List<String> report =
          new ArrayList<>(
              EmbeddingModels.header("all-MiniLM-L6-v2 with weights alone as integers"));
      report.add(
          String.format(
              Locale.ROOT,
              "On %s. The file in single precision has %.1f MB. Cosines of sentence embeddings to"
                  + " the original's on %d sentences, samples for scales from %d others. Times"
                  + " single precision: ratios of throughput with 95 %% intervals, in turns.",
              original.target(),
              whole / MB,
              sentences.unseen().size(),
              sentences.calibration().size()));
      report.addAll(
          List.of(
              "",
              "| weights | MB | file smaller by | mean cosine | least cosine | times FP32 at 1x16 |"
                  + " at 32x128 |",
              "|---|---|---|---|---|---|---|"));
      report.addAll(rows);
      report.addAll(List.of("", "What measurements on the target chose:", ""));
      chosen.forEach(c -> report.add("- " + c));
      return report;
    }
  }

  private Compiler compiler(Precision precision) {
    return Compiler.forTarget(target)
        .precision(precision)
        .profile(
            ShapeProfile.named("sentences")
                .range("batch_size", 1, 1, 32)
                .range("sequence_length", 2, 32, 128))
        .build();
  }

  private static long size(Compiler compiler, OnnxModel model) throws IOException {
    Path folder = Files.createTempDirectory("inferc-weights-");
    Path file = folder.resolve("model.onnx");
    try {
      compiler.export(model, file);
      return Files.size(file);
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }

  private String row(
      String name, Precision precision, OnnxModel model, CompiledModel original, long whole)
      throws IOException {
    ModelRewriter rewriter = compiler(precision).rewriter(model);
    OnnxModel written = rewriter.rewrite(rewriter.plan());
    rewriter.notes().stream()
        .map(RewriteNote::text)
        .filter(t -> t.contains("measurement"))
        .forEach(t -> chosen.add(name + ": " + t));
    try (CompiledModel compiled = compiler(Precision.fp32()).compile(written)) {
      OutputAccuracy embedding =
          Accuracy.comparison(original, compiled)
              .view(new SentenceEmbedding())
              .run(encoder.singly(sentences.unseen()), Tolerance.embedding())
              .outputs()
              .get(0);
      long size = size(compiler(Precision.fp32()), written);
      StringBuilder speeds = new StringBuilder();
      for (Size s : SIZES) {
        speeds
            .append(" | ")
            .append(MEASURED.contains(name) ? speed(original, compiled, s).toString() : "");
      }
      return String.format(
          Locale.ROOT,
          "| %s | %.1f | %.2f | %.4f | %.4f%s |",
          name,
          size / MB,
          (double) whole / size,
          embedding.metric(Metric.MEAN_COSINE).orElseThrow(),
          embedding.metric(Metric.MIN_COSINE).orElseThrow(),
          speeds);
    }
  }

  private RatioInterval speed(CompiledModel original, CompiledModel compiled, Size size) {
    Map<String, Tensor> request = size.request();
    try {
      return Benchmark.compare(
              original, compiled, Workload.of(size.text(), request), EmbeddingModels.options(quick))
          .throughputRatio();
    } finally {
      request.values().forEach(Tensor::close);
    }
  }
}

package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.accuracy.Tolerance;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.RatioInterval;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The figures of {@link EmbeddingBenchmark}: each precision in turns with the original and with the
 * artifact that others published, and what of it reaches the goals.
 */
final class EmbeddingFigures {
  private static final String PEER = "published -q artifact";
  private static final double FAST_MEAN = 0.99;
  private static final double BALANCED_MEAN = 0.995;
  private static final double BALANCED_MIN = 0.975;

  /** Something that is not here but in another process. */
  @FunctionalInterface
  interface Peer {
    CompiledModel start() throws IOException;
  }

  private record Row(
      String name, double p50, RatioInterval fp32, RatioInterval peer, double mean, double min) {
    String markdown() {
      return String.format(
          Locale.ROOT,
          "| %s | %.1f ms | %s | %s | %.4f | %.4f |",
          name,
          p50,
          fp32,
          peer,
          mean,
          min);
    }
  }

  private final EmbeddingModels models;
  private final TextEncoder encoder;
  private final Corpus.Split sentences = Corpus.split();
  private final boolean quick;
  private final Set<String> precisionNames = new HashSet<>();
  private final Map<String, Row> rows = new LinkedHashMap<>();

  EmbeddingFigures(EmbeddingModels models, TextEncoder encoder, boolean quick) {
    this.models = models;
    this.encoder = encoder;
    this.quick = quick;
  }

  /** The configurations; a goal is held against the fastest that is good enough for it. */
  private Map<String, Precision> precisions() {
    Dataset samples = encoder.singly(sentences.calibration());
    Map<String, Precision> precisions = new LinkedHashMap<>();
    precisions.put("dynamic INT8", Precision.int8Dynamic());
    precisions.put("dynamic INT8, smoothed", Precision.int8Dynamic(samples).smoothQuant());
    precisions.put(
        "dynamic INT8, smoothed from 5 dB",
        Precision.int8Dynamic(samples).smoothQuant(PrecisionChoice.CHEAP));
    precisions.put(
        "dynamic INT8, smoothed from 5 dB, biases corrected",
        Precision.int8Dynamic(samples).smoothQuant(PrecisionChoice.CHEAP).biasCorrection(true));
    precisions.put("static INT8", Precision.int8(samples));
    precisions.put("static INT8, smoothed", Precision.int8(samples).smoothQuant());
    precisions.put(
        "static INT8, smoothed, biases corrected",
        Precision.int8(samples).smoothQuant().biasCorrection(true));
    precisionNames.addAll(precisions.keySet());
    return precisions;
  }

  /**
   * Measures.
   *
   * @param pytorch starts PyTorch in a process, or null to leave it out
   * @return lines of Markdown
   * @throws IOException if a model cannot be unpacked, or PyTorch not started
   */
  List<String> measure(@Nullable Peer pytorch) throws IOException {
    OnnxModel model = models.original();
    BenchmarkComparison beside = null;
    try (CompiledModel original = EmbeddingModels.compiler(Precision.fp32()).compile(model);
        CompiledModel peer =
            EmbeddingModels.compiler(Precision.fp32()).compile(models.published())) {
      try (CompiledModel spinning =
          Compiler.forTarget(
                  Target.onnxRuntime().options(OnnxRuntimeOptions.builder().spinning(true).build()))
              .build()
              .compile(model)) {
        row("FP32, threads that spin", original, peer, spinning);
      }
      KernelShares before = KernelShares.of(original, models.workload().inputs());
      row(PEER, original, peer, peer);
      ModelRewriter cleaning = EmbeddingModels.compiler(Precision.int8Dynamic()).rewriter(model);
      try (CompiledModel cleaned =
          EmbeddingModels.compiler(Precision.fp32()).compile(cleaning.cleaned())) {
        row("FP32, cleaned up", original, peer, cleaned);
      }
      Map<String, Precision> precisions = precisions();
      for (Map.Entry<String, Precision> p : precisions.entrySet()) {
        try (CompiledModel compiled = EmbeddingModels.compiler(p.getValue()).compile(model)) {
          row(p.getKey(), original, peer, compiled);
        }
      }
      String fastest = fastest(FAST_MEAN, 0).name();
      Precision precision = Objects.requireNonNull(precisions.get(fastest));
      try (CompiledModel compiled = EmbeddingModels.compiler(precision).compile(model)) {
        KernelShares after = KernelShares.of(compiled, models.workload().inputs());
        if (pytorch != null) {
          try (CompiledModel peerProcess = pytorch.start()) {
            beside = compare(peerProcess, compiled);
          }
        }
        List<String> report = report(beside);
        report.addAll(
            List.of(
                "",
                "Where the time goes, by what ONNX Runtime times each kernel at, at best:",
                ""));
        report.addAll(KernelShares.table("FP32", before, fastest, after));
        return report;
      }
    }
  }

  /** The fastest of our configurations that is good enough. */
  private Row fastest(double mean, double min) {
    return rows.values().stream()
        .filter(r -> precisionNames.contains(r.name()))
        .filter(r -> r.mean() >= mean && r.min() >= min)
        .max(Comparator.comparingDouble(r -> r.fp32().low()))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "No configuration keeps a mean cosine of " + mean + " and a least of " + min));
  }

  private void row(
      String name, CompiledModel original, CompiledModel published, CompiledModel compiled) {
    OutputAccuracy embedding =
        Accuracy.comparison(original, compiled)
            .view(new SentenceEmbedding())
            .run(encoder.singly(sentences.unseen()), Tolerance.embedding())
            .outputs()
            .get(0);
    BenchmarkComparison gain = compare(original, compiled);
    Row row =
        new Row(
            name,
            gain.compiled().latency().p50(),
            gain.throughputRatio(),
            compare(published, compiled).throughputRatio(),
            embedding.metric(Metric.MEAN_COSINE).orElseThrow(),
            embedding.metric(Metric.MIN_COSINE).orElseThrow());
    System.err.println(row.markdown());
    rows.put(name, row);
  }

  private BenchmarkComparison compare(CompiledModel a, CompiledModel b) {
    return Benchmark.compare(a, b, models.workload(), EmbeddingModels.options(quick));
  }

  private List<String> report(@Nullable BenchmarkComparison pytorch) {
    List<String> text =
        new ArrayList<>(
            EmbeddingModels.header("all-MiniLM-L6-v2 at reduced precision on ONNX Runtime"));
    text.add(
        String.format(
            Locale.ROOT,
            "At %s; cosines of sentence embeddings to those of the original on %d sentences;"
                + " calibrated on %d others. Ratios of throughput with 95 %% intervals, models"
                + " measured in turns.",
            EmbeddingModels.WORKLOAD,
            sentences.unseen().size(),
            sentences.calibration().size()));
    text.add("");
    text.add("| configuration | p50 | times FP32 | times -q | mean cosine | min cosine |");
    text.add("|---|---|---|---|---|---|");
    rows.values().forEach(r -> text.add(r.markdown()));
    text.addAll(List.of("", "| goal | measured | reached |", "|---|---|---|"));
    Row fast = fastest(FAST_MEAN, 0);
    Row balanced = fastest(BALANCED_MEAN, BALANCED_MIN);
    Row peer = Objects.requireNonNull(rows.get(PEER));
    text.add(
        goal(
            "fastest at mean cosine 0.990 (" + fast.name() + "): 2.5 times FP32",
            fast.fp32(),
            2.5,
            true));
    text.add(
        goal(
            "balanced at mean 0.995 and minimum 0.975 (" + balanced.name() + "): 2.2 times FP32",
            balanced.fp32(),
            2.2,
            true));
    text.add(
        goal(
            "fastest against the -q artifact: 1.0 times at higher mean and minimum",
            fast.peer(),
            1.0,
            fast.mean() > peer.mean() && fast.min() > peer.min()));
    if (pytorch != null) {
      text.add(goal("fastest against PyTorch: 4 times", pytorch.throughputRatio(), 4, true));
      text.add("");
      text.add(
          String.format(
              Locale.ROOT,
              "%s, same architecture: p50 %.1f ms, in turns with %.1f ms.",
              pytorch.original().model(),
              pytorch.original().latency().p50(),
              pytorch.compiled().latency().p50()));
    }
    return text;
  }

  private static String goal(String what, RatioInterval ratio, double least, boolean accurate) {
    boolean reached = accurate && ratio.low() >= least;
    return "| " + what + " | " + ratio + " | " + (reached ? "yes" : "no") + " |";
  }
}

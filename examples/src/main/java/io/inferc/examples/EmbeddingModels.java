package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.Workload;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What the benchmarks on all-MiniLM-L6-v2 share: the models, the request, and the goals. */
final class EmbeddingModels implements AutoCloseable {
  static final int BATCH = 4;
  static final int TOKENS = 128;
  static final String WORKLOAD = BATCH + " x " + TOKENS + " tokens";

  /** What the fastest configuration must keep. */
  static final Tolerance FAST =
      Tolerance.custom().named("fastest").limit(Metric.MEAN_COSINE, 0.99).build();

  /** What the balanced configuration must keep. */
  static final Tolerance BALANCED =
      Tolerance.custom()
          .named("balanced")
          .limit(Metric.MEAN_COSINE, 0.995)
          .limit(Metric.MIN_COSINE, 0.975)
          .build();

  private final Path folder;
  private final Map<String, Tensor> request;

  EmbeddingModels() throws IOException {
    folder = Files.createTempDirectory("inferc-benchmark-");
    request = request(BATCH, TOKENS);
  }

  /** Tokens drawn at random, none of them masked; the caller closes them. */
  static Map<String, Tensor> request(int batch, int tokens) {
    long[] ids = new Random(1).longs((long) batch * tokens, 1000, 20_000).toArray();
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    return Map.of(
        "input_ids", Tensor.of(ids, batch, tokens),
        "attention_mask", Tensor.of(ones, batch, tokens),
        "token_type_ids", Tensor.of(new long[ids.length], batch, tokens));
  }

  /** The model in single precision. */
  OnnxModel original() throws IOException {
    return load("all-minilm-l6-v2.onnx");
  }

  /** The same model as others quantized it. */
  OnnxModel published() throws IOException {
    return load("all-minilm-l6-v2-q.onnx");
  }

  private OnnxModel load(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      ModelResource.unpack("/" + name, file);
    }
    return OnnxModel.load(file);
  }

  Workload workload() {
    return Workload.of(WORKLOAD, request);
  }

  static Compiler compiler(Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build();
  }

  /** Rounds of half a second, 20 of them, or few and short ones. */
  static BenchmarkOptions options(boolean quick) {
    return quick
        ? BenchmarkOptions.defaults()
            .withRounds(8)
            .withTimes(Duration.ofMillis(300), Duration.ofMillis(200))
        : BenchmarkOptions.defaults()
            .withRounds(20)
            .withTimes(Duration.ofSeconds(1), Duration.ofMillis(500));
  }

  /** The first lines of a file with figures. */
  static List<String> header(String title) {
    return List.of("# " + title, "", Environment.current().describe(), "");
  }

  @Override
  public void close() throws IOException {
    request.values().forEach(Tensor::close);
    for (String name : List.of("all-minilm-l6-v2.onnx", "all-minilm-l6-v2-q.onnx")) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.deleteIfExists(folder);
  }
}

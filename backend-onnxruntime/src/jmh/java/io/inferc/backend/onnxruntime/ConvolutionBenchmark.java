package io.inferc.backend.onnxruntime;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.Workload;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ResNet50;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** What static INT8 gains on ResNet-50 with random weights at batch 1: speed only. */
public final class ConvolutionBenchmark {
  private static final int SIDE = 224;
  private static final int SAMPLES = 16;
  private static final double GOAL = 2.4;

  private ConvolutionBenchmark() {}

  /**
   * Measures, about a minute.
   *
   * @param arguments the file to write the figures to, or none to print them only; {@code --quick}
   *     for a rough measurement
   * @throws IOException if the file cannot be written
   */
  public static void main(String... arguments) throws IOException {
    List<String> words = List.of(arguments);
    BenchmarkOptions options =
        words.contains("--quick")
            ? BenchmarkOptions.defaults()
                .withRounds(8)
                .withTimes(Duration.ofMillis(300), Duration.ofMillis(200))
            : BenchmarkOptions.defaults()
                .withRounds(20)
                .withTimes(Duration.ofSeconds(1), Duration.ofMillis(500));
    List<String> report = measure(options);
    report.forEach(System.out::println);
    for (String word : words) {
      if (!word.startsWith("--")) {
        Files.write(Path.of(word), report);
      }
    }
  }

  private static List<String> measure(BenchmarkOptions options) {
    OnnxModel model = ResNet50.model();
    Dataset samples = Dataset.generated(SAMPLES, i -> Map.of("x", picture(i)));
    List<String> report = new ArrayList<>();
    report.add("# ResNet-50 with random weights, INT8 against FP32 on ONNX Runtime");
    report.add("");
    report.add(Environment.current().describe());
    report.add("");
    report.add(
        "Batch 1, 224 x 224. The models are measured in turns; ratios with 95 % intervals. Scales are"
            + " those of "
            + SAMPLES
            + " random pictures, since nothing can be read off the outputs.");
    report.add("");
    report.add("| configuration | p50 | times the throughput of FP32 |");
    report.add("|---|---|---|");
    try (CompiledModel original = compile(model, Precision.fp32());
        CompiledModel compiled = compile(model, Precision.int8(samples));
        Tensor x = picture(1000)) {
      BenchmarkComparison c =
          Benchmark.compare(original, compiled, Workload.of("batch 1", Map.of("x", x)), options);
      report.add(
          String.format(Locale.ROOT, "| FP32 | %.1f ms | 1 |", c.original().latency().p50()));
      report.add(
          String.format(
              Locale.ROOT,
              "| static INT8 | %.1f ms | %s |",
              c.compiled().latency().p50(),
              c.throughputRatio()));
      report.add("");
      report.add(
          "The goal of 2.4 times, on the lower bound, is "
              + (c.throughputRatio().low() >= GOAL ? "reached." : "not reached."));
    }
    return report;
  }

  private static Tensor picture(long seed) {
    Random random = new Random(seed);
    float[] values = new float[3 * SIDE * SIDE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, 1, 3, SIDE, SIDE);
  }

  private static CompiledModel compile(OnnxModel model, Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build().compile(model);
  }
}

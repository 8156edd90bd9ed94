package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.LatencySummary;
import io.inferc.benchmark.Workload;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.ProcessorShare;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What threads that fit the container are worth: all-MiniLM-L6-v2 with as many threads as inferc
 * gives it, and with as many as ONNX Runtime would make by itself, one for each core of the
 * machine, in turns. To be run where a process may not use the whole machine.
 */
@Command(
    name = "ThreadsBenchmark",
    mixinStandardHelpOptions = true,
    description =
        "Measures all-MiniLM-L6-v2 with the threads that fit the container against one for each"
            + " core; to be run in a container with less than the machine.")
public final class ThreadsBenchmark implements Callable<Integer> {
  private static final int[][] SIZES = {{1, 16}, {4, 128}};

  @Mixin private final FigureOptions figures = new FigureOptions();

  @Option(
      names = "--cores",
      paramLabel = "N",
      converter = PositiveCount.class,
      description = "The threads that ONNX Runtime would make (default: the machine's cores).")
  private Optional<Integer> asked = Optional.empty();

  ThreadsBenchmark() {}

  /**
   * Measures.
   *
   * @param words {@code --help} lists the options
   */
  public static void main(String... words) {
    ExampleRunner.main(new ThreadsBenchmark(), words);
  }

  /**
   * Does the job.
   *
   * @return 0
   * @throws IOException if the model cannot be unpacked or the file not written
   */
  @Override
  public Integer call() throws IOException {
    ProcessorShare share = ProcessorShare.here();
    int cores = asked.orElse(share.cores().orElse(share.available()));
    List<String> report =
        new ArrayList<>(EmbeddingModels.header("Threads that fit the container, ONNX Runtime"));
    report.add("This process has " + share + ".");
    report.addAll(
        List.of(
            "",
            "| request | threads | p50 | p95 | p99 | mean | runs/s |",
            "|---|---|---|---|---|---|---|"));
    List<String> ratios = new ArrayList<>();
    try (EmbeddingModels models = new EmbeddingModels()) {
      OnnxModel model = models.original();
      OnnxRuntimeOptions all = OnnxRuntimeOptions.builder().intraOpThreads(cores).build();
      try (CompiledModel everyCore = compiled(Target.onnxRuntime().options(all), model);
          CompiledModel fitting = compiled(Target.onnxRuntime(), model)) {
        for (int[] size : SIZES) {
          BenchmarkComparison measured = measured(everyCore, fitting, size);
          report.add(row("one for each of " + cores + " cores", measured, true));
          report.add(row("as many as fit", measured, false));
          ratios.add(
              String.format(
                  Locale.ROOT,
                  "%s, one request at a time: throughput with threads that fit %s times that with"
                      + " one for each core, median latency %s times better.",
                  measured.workload(),
                  measured.throughputRatio(),
                  measured.latencyRatio()));
        }
      }
    }
    for (String ratio : ratios) {
      report.addAll(List.of("", ratio));
    }
    figures.publish(report);
    return ExampleRunner.GOOD;
  }

  private BenchmarkComparison measured(CompiledModel first, CompiledModel second, int[] size) {
    Map<String, Tensor> request = EmbeddingModels.request(size[0], size[1]);
    try {
      return Benchmark.compare(
          first,
          second,
          Workload.of(size[0] + " x " + size[1] + " tokens", request),
          EmbeddingModels.options(figures.quick()));
    } finally {
      request.values().forEach(Tensor::close);
    }
  }

  private static CompiledModel compiled(Target target, OnnxModel model) {
    return Compiler.forTarget(target).build().compile(model);
  }

  private static String row(String threads, BenchmarkComparison measured, boolean first) {
    var side = first ? measured.original() : measured.compiled();
    LatencySummary latency = side.latency();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.1f ms | %.1f ms | %.1f ms | %.1f ms | %.1f |",
        measured.workload(),
        threads,
        latency.p50(),
        latency.p95(),
        latency.p99(),
        latency.mean(),
        side.throughput());
  }
}

package io.inferc.backend.openvino;

import io.inferc.Compiler;
import io.inferc.backend.openvino.OpenVinoOptions.PerformanceHint;
import io.inferc.benchmark.RatioInterval;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Requests a second with the throughput hint, in turns with OpenVINO's own {@code benchmark_app},
 * with as many requests under way as that uses. Needs a Python 3 with the packages of the wheel's
 * {@code benchmark_app} on {@code PYTHONPATH}.
 */
public final class BenchmarkAppComparison {
  private static final Pattern COUNT = Pattern.compile("Count:\\s+(\\d+) iterations");
  private static final Pattern DURATION = Pattern.compile("Duration:\\s+([0-9.]+) ms");

  private BenchmarkAppComparison() {}

  /**
   * Measures one case and prints a row of a Markdown table.
   *
   * @param arguments the number of turns (6), the seconds of each (6), and what to measure: {@code
   *     sentence} (1 x 16 tokens), {@code sentences} (4 x 128) or {@code picture}
   */
  public static void main(String... arguments) throws Exception {
    TestLibrary.require();
    int turns = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 6;
    int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 6;
    BenchmarkCase c =
        switch (arguments.length > 2 ? arguments[2] : "sentences") {
          case "sentence" -> BenchmarkCase.miniLm(1, 16);
          case "picture" -> BenchmarkCase.recognition(320);
          default -> BenchmarkCase.miniLm(4, 128);
        };
    Target target =
        Target.openVino()
            .options(OpenVinoOptions.builder().performanceHint(PerformanceHint.THROUGHPUT).build());
    double[] app = new double[turns];
    double[] sync = new double[turns];
    double[] async = new double[turns];
    try (ExecutableModel model =
        (ExecutableModel)
            Compiler.forTarget(target).profile(c.profile()).build().compile(c.file())) {
      runAsync(model, c.inputs(), 1);
      for (int turn = 0; turn < turns; turn++) {
        if (turn % 2 == 0) {
          app[turn] = benchmarkApp(c, model.sessions(), seconds);
        }
        sync[turn] = Timing.throughput(model, c.inputs(), model.sessions(), seconds);
        async[turn] = runAsync(model, c.inputs(), seconds);
        if (turn % 2 == 1) {
          app[turn] = benchmarkApp(c, model.sessions(), seconds);
        }
      }
      System.out.printf(
          Locale.ROOT,
          "| %s | %d | %.1f | %.1f | %s | %.1f | %s |%n",
          c.name(),
          model.sessions(),
          Timing.median(app),
          Timing.median(sync),
          show(RatioInterval.ofPairs(sync, app)),
          Timing.median(async),
          show(RatioInterval.ofPairs(async, app)));
    }
    System.out.println("benchmark_app: " + Arrays.toString(app));
    System.out.println("sessions: " + Arrays.toString(sync));
    System.out.println("runAsync: " + Arrays.toString(async));
  }

  private static String show(RatioInterval ratio) {
    return String.format(
        Locale.ROOT, "%.3f [%.3f, %.3f]", ratio.ratio(), ratio.low(), ratio.high());
  }

  /** Keeps the model's pool busy from one thread. */
  private static double runAsync(
      ExecutableModel model, Map<String, Tensor> inputs, double seconds) {
    AtomicLong served = new AtomicLong();
    int most = 2 * model.sessions();
    Semaphore room = new Semaphore(most);
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      room.acquireUninterruptibly();
      model
          .runAsync(inputs)
          .whenComplete(
              (outputs, failure) -> {
                outputs.values().forEach(Tensor::close);
                served.incrementAndGet();
                room.release();
              });
    }
    room.acquireUninterruptibly(most);
    return served.get() / ((System.nanoTime() - start) / 1e9);
  }

  private static double benchmarkApp(BenchmarkCase c, int requests, int seconds)
      throws IOException, InterruptedException {
    String shapes =
        c.inputs().entrySet().stream()
            .map(e -> e.getKey() + Arrays.toString(e.getValue().shape()).replace(" ", ""))
            .collect(Collectors.joining(","));
    Process process =
        new ProcessBuilder(
                List.of(
                    "python3",
                    "-c",
                    "from openvino.tools.benchmark.main import main; main()",
                    "-m",
                    c.file().toString(),
                    "-d",
                    "CPU",
                    "-hint",
                    "throughput",
                    "-infer_precision",
                    "f32",
                    "-nireq",
                    Integer.toString(requests),
                    "-shape",
                    shapes,
                    "-t",
                    Integer.toString(seconds)))
            .redirectErrorStream(true)
            .start();
    String said;
    try (BufferedReader lines = process.inputReader()) {
      said = lines.lines().collect(Collectors.joining("\n"));
    }
    Matcher count = COUNT.matcher(said);
    Matcher duration = DURATION.matcher(said);
    if (process.waitFor() != 0 || !count.find() || !duration.find()) {
      throw new IOException("benchmark_app failed: " + said);
    }
    return Double.parseDouble(count.group(1)) / (Double.parseDouble(duration.group(1)) / 1e3);
  }
}

package io.inferc.backend.openvino;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions;
import io.inferc.backend.openvino.OpenVinoOptions.PerformanceHint;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.RatioInterval;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What inferc adds to OpenVINO's C API, and OpenVINO beside ONNX Runtime. Prints Markdown.
 *
 * <p>Everything that is compared is run in turns, so that what else the machine does meets all.
 */
public final class OpenVinoBenchmark {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private static final double LEAST_ROUND_NANOS = 4e8;

  private final int rounds;
  private final int calls;
  private final List<String> report = new ArrayList<>();

  private OpenVinoBenchmark(int rounds, int calls) {
    this.rounds = rounds;
    this.calls = calls;
  }

  /**
   * Runs everything.
   *
   * @param arguments the file to write the report to, then the number of rounds (40) and of calls a
   *     round (20), and {@code c} for the loop of C alone; all may be left out
   */
  public static void main(String... arguments) throws Exception {
    TestLibrary.require();
    OpenVinoBenchmark benchmark =
        new OpenVinoBenchmark(
            arguments.length > 1 ? Integer.parseInt(arguments[1]) : 40,
            arguments.length > 2 ? Integer.parseInt(arguments[2]) : 20);
    benchmark.write(arguments.length > 3 && arguments[3].equals("c"));
    benchmark.report.forEach(System.out::println);
    if (arguments.length > 0) {
      Files.write(Path.of(arguments[0]), benchmark.report);
    }
  }

  private void say(String format, Object... values) {
    report.add(String.format(Locale.ROOT, format, values));
  }

  private void write(boolean loopAlone) throws Exception {
    List<BenchmarkCase> cases =
        List.of(
            BenchmarkCase.miniLm(1, 16),
            BenchmarkCase.miniLm(4, 128),
            BenchmarkCase.recognition(320));
    say("# inferc on OpenVINO");
    say("");
    say(
        "%s, OpenVINO %s; %d rounds of %d runs each, in turns.",
        Environment.current().describe(), OpenVinoRuntime.get().version(), rounds, calls);
    say("");
    say("## One bound session against the C API in a loop of C, one thread");
    say("");
    say("| model | C p50, ms | inferc p50, ms | ratio of p50, 95 %% interval |");
    say("|---|---|---|---|");
    for (BenchmarkCase c : cases) {
      againstC(c);
    }
    if (loopAlone) {
      return;
    }
    say("");
    say("## Latency beside ONNX Runtime, %d threads, ms", PROCESSORS);
    say("");
    say(
        "| model | runtime | p50 | p95 | p99 | time relative to ONNX Runtime FP32, 95 %% interval | to the same precision there |");
    say("|---|---|---|---|---|---|---|");
    for (BenchmarkCase c : cases) {
      latency(c);
    }
    say("");
    say("## Requests a second beside ONNX Runtime, %d sessions at once", PROCESSORS);
    say("");
    say("OpenVINO with the throughput hint, ONNX Runtime with one thread a session.");
    say("");
    say(
        "| model | runtime | requests a second | relative to ONNX Runtime FP32, 95 %% interval | to the same precision there |");
    say("|---|---|---|---|---|");
    for (BenchmarkCase c : cases) {
      throughput(c);
    }
  }

  private void againstC(BenchmarkCase c) throws Exception {
    Path folder = Files.createTempDirectory("raw-loop-");
    Path program;
    try {
      program = RawLoop.build(folder);
    } catch (IOException e) {
      say("| %s | not measured: %s | | |", c.name(), e.getMessage().lines().findFirst().orElse(""));
      return;
    }
    Target oneThread = Target.openVino().options(OpenVinoOptions.builder().threads(1).build());
    double[] raw = new double[rounds];
    double[] own = new double[rounds];
    try (RawLoop loop = RawLoop.start(program, c.file(), 1, c.inputs(), folder);
        CompiledModel model = compile(oneThread, Precision.fp32(), c);
        InferenceSession session = Timing.session(model, c.inputs())) {
      double single = Timing.median(loop.run(3 * calls));
      Timing.run(session, 3 * calls);
      checkSame(loop.sum(), session.output(model.outputs().get(0).name()));
      // Short runs need many for a median that stands still.
      int runs = Math.max(calls, (int) (LEAST_ROUND_NANOS / single));
      for (int round = 0; round < rounds; round++) {
        if (round % 2 == 0) {
          raw[round] = Timing.median(loop.run(runs));
        }
        own[round] = Timing.median(Timing.run(session, runs));
        if (round % 2 == 1) {
          raw[round] = Timing.median(loop.run(runs));
        }
      }
    }
    RatioInterval ratio = RatioInterval.ofPairs(own, raw);
    say(
        "| %s | %.3f | %.3f | %.4f [%.4f, %.4f] |",
        c.name(),
        Timing.median(raw) / 1e6,
        Timing.median(own) / 1e6,
        ratio.ratio(),
        ratio.low(),
        ratio.high());
  }

  private static void checkSame(double expected, Tensor output) {
    double sum = 0;
    for (float value : output.toFloatArray()) {
      sum += value;
    }
    if (Math.abs(sum - expected) > 1e-3 * Math.max(1, Math.abs(expected))) {
      throw new IllegalStateException("C sums its output to " + expected + ", inferc to " + sum);
    }
  }

  private static CompiledModel compile(Target target, Precision precision, BenchmarkCase c) {
    return Compiler.forTarget(target)
        .precision(precision)
        .profile(c.profile())
        .build()
        .compile(c.file());
  }

  /** Compiles a case for all four columns of a table. */
  private static Map<String, CompiledModel> compile(Target ort, Target ov, BenchmarkCase c) {
    Precision int8 = Precision.int8(Dataset.of(c.samples()));
    Map<String, CompiledModel> models = new LinkedHashMap<>();
    models.put("ONNX Runtime FP32", compile(ort, Precision.fp32(), c));
    models.put("ONNX Runtime INT8", compile(ort, int8, c));
    models.put("OpenVINO FP32", compile(ov, Precision.fp32(), c));
    models.put("OpenVINO INT8", compile(ov, int8, c));
    return models;
  }

  private void latency(BenchmarkCase c) {
    Map<String, CompiledModel> models =
        compile(
            Target.onnxRuntime().options(OnnxRuntimeOptions.builder().spinning(false).build()),
            Target.openVino()
                .options(
                    OpenVinoOptions.builder().performanceHint(PerformanceHint.LATENCY).build()),
            c);
    List<InferenceSession> sessions =
        models.values().stream().map(m -> Timing.session(m, c.inputs())).toList();
    double[][] medians = new double[sessions.size()][rounds];
    double[][] all = new double[sessions.size()][rounds * calls];
    sessions.forEach(s -> Timing.run(s, calls));
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < medians.length; i++) {
        double[] times = Timing.run(sessions.get(i), calls);
        System.arraycopy(times, 0, all[i], round * calls, calls);
        medians[i][round] = Timing.median(times);
      }
    }
    int i = 0;
    for (String name : models.keySet()) {
      say(
          "| %s | %s | %.2f | %.2f | %.2f | %s |",
          c.name(),
          name,
          Timing.quantile(all[i], 0.50) / 1e6,
          Timing.quantile(all[i], 0.95) / 1e6,
          Timing.quantile(all[i], 0.99) / 1e6,
          ratios(medians, i));
      i++;
    }
    sessions.forEach(InferenceSession::close);
    models.values().forEach(CompiledModel::close);
  }

  private void throughput(BenchmarkCase c) {
    Map<String, CompiledModel> models =
        compile(
            Target.onnxRuntime().options(OnnxRuntimeOptions.builder().intraOpThreads(1).build()),
            Target.openVino()
                .options(
                    OpenVinoOptions.builder().performanceHint(PerformanceHint.THROUGHPUT).build()),
            c);
    int turns = Math.max(3, rounds / 4);
    double[][] rates = new double[models.size()][turns];
    for (int turn = 0; turn < turns; turn++) {
      int at = 0;
      for (CompiledModel model : models.values()) {
        rates[at++][turn] = Timing.throughput(model, c.inputs(), PROCESSORS, 2);
      }
    }
    int i = 0;
    for (String name : models.keySet()) {
      say("| %s | %s | %.1f | %s |", c.name(), name, Timing.median(rates[i]), ratios(rates, i));
      i++;
    }
    models.values().forEach(CompiledModel::close);
  }

  /** A column beside the first, and beside the one of the same precision on ONNX Runtime. */
  private static String ratios(double[][] columns, int i) {
    String first = i == 0 ? "" : show(RatioInterval.ofPairs(columns[i], columns[0]));
    String same = i < 2 ? "" : show(RatioInterval.ofPairs(columns[i], columns[i - 2]));
    return first + " | " + same;
  }

  private static String show(RatioInterval ratio) {
    return String.format(
        Locale.ROOT, "%.3f [%.3f, %.3f]", ratio.ratio(), ratio.low(), ratio.high());
  }
}

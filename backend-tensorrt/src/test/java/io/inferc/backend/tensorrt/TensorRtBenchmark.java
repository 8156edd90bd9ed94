package io.inferc.backend.tensorrt;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.spi.Availability;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * What is measured and proven on a GPU: a program of its own, because a GPU is often had for
 * minutes on a machine without Maven.
 *
 * <pre>
 * TensorRtBenchmark probe
 * TensorRtBenchmark smoke    --out DIR
 * TensorRtBenchmark contract --out DIR [--only Graph]
 * TensorRtBenchmark minilm   --out DIR --models DIR [--only fp16] [--level 3] [--iterations 2000]
 *                            [--warm true] [--opset 20] [--brief true] [--shapes 32x128]
 * TensorRtBenchmark ocr      --out DIR --models DIR [the same]
 * TensorRtBenchmark threads  --out DIR --models DIR --only minilm-fp16 [--seconds 120]
 * TensorRtBenchmark loop     --out DIR --models DIR --only minilm-fp16 [--calls 2]
 * </pre>
 *
 * The folder of models holds {@code minilm.onnx} and {@code ocr.onnx}, in single precision; each is
 * measured at every precision of its own, or at the one only whose name, such as {@code
 * minilm-fp16}, is the word after {@code --only}, or those whose name contains it. {@code --warm
 * true} times a second build with the timing cache of the first, {@code --opset} upgrades the model
 * first, {@code --brief true} measures data on the device alone. Answers are compared with those of
 * ONNX Runtime, which also calibrates INT8: its back end must be on the class path. {@code threads}
 * takes the engine that a measurement before has left in the folder, or builds one. {@code loop}
 * runs the one a measurement has left, and nothing else, for a profiler. {@code --shapes} compiles
 * for, and measures, these shapes alone, as names with commas between.
 */
public final class TensorRtBenchmark {
  private static final List<String> FAMILIES = List.of("minilm", "ocr");

  private static final List<String> PRECISIONS = List.of("fp32", "fp16", "int8", "tf32", "bf16");

  /** Quantized feed-forward networks alone. */
  private static final List<String> OF_TEXT = List.of("int8ffn");

  private static final List<BenchmarkCase> TEXT =
      List.of(
          new BenchmarkCase("1x128", List.of(1L, 128L)),
          new BenchmarkCase("32x128", List.of(32L, 128L)));
  private static final List<BenchmarkCase> IMAGES =
      List.of(
          // The model leaves the height open, too.
          new BenchmarkCase("1x3x48x320", List.of(1L, 48L, 320L)),
          new BenchmarkCase("6x3x48x320", List.of(6L, 48L, 320L)));

  private TensorRtBenchmark() {}

  /**
   * Runs one command.
   *
   * @param args the command and its options
   */
  public static void main(String[] args) throws Exception {
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 1; i + 1 < args.length; i += 2) {
      options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
    }
    String command = args.length == 0 ? "" : args[0];
    Path out = Path.of(options.getOrDefault("out", "."));
    Availability found = new TensorRtProvider().probe();
    BenchmarkReport.say(found.toString());
    if (!found.isAvailable()) {
      System.exit(2);
    }
    boolean passed =
        switch (command) {
          case "probe" -> true;
          case "smoke" ->
              contract(
                  out,
                  "smoke",
                  List.of(TensorRtPrecisionDeviceTest.class, TensorRtDeviceTest.class));
          case "contract" ->
              contract(
                  out,
                  "contract" + options.getOrDefault("only", ""),
                  Stream.<Class<?>>of(
                          TensorRtContractTest.class,
                          TensorRtCudaGraphContractTest.class,
                          TensorRtConcurrencyContractTest.class)
                      .filter(c -> c.getSimpleName().contains(options.getOrDefault("only", "")))
                      .toList());
          case "minilm", "ocr", "threads", "loop" -> measure(command, out, options);
          default -> throw new IllegalArgumentException("there is no command '" + command + "'");
        };
    // Threads of NVIDIA's libraries must not keep the process.
    Runtime.getRuntime().halt(passed ? 0 : 1);
  }

  private static boolean contract(Path out, String name, List<Class<?>> classes)
      throws IOException {
    BenchmarkReport report = new BenchmarkReport(out, name);
    boolean passed = true;
    for (Class<?> type : classes) {
      SummaryGeneratingListener summary = new SummaryGeneratingListener();
      DiscoverySelector selector = selectClass(type);
      LauncherDiscoveryRequest request =
          LauncherDiscoveryRequestBuilder.request().selectors(selector).build();
      long start = System.nanoTime();
      LauncherFactory.create().execute(request, summary, new TestProgress());
      summary.getSummary().printFailuresTo(new PrintWriter(System.out, true), 40);
      ObjectNode row = report.row(type.getSimpleName());
      row.put("found", summary.getSummary().getTestsFoundCount());
      row.put("passed", summary.getSummary().getTestsSucceededCount());
      row.put("failed", summary.getSummary().getTestsFailedCount());
      row.put(
          "skipped or aborted",
          summary.getSummary().getTestsSkippedCount()
              + summary.getSummary().getTestsAbortedCount());
      row.put("seconds", (System.nanoTime() - start) / 1_000_000_000);
      report.add(row);
      passed &= summary.getSummary().getTestsFailedCount() == 0;
    }
    return passed;
  }

  private static boolean measure(String command, Path out, Map<String, String> options)
      throws Exception {
    String only = options.getOrDefault("only", "");
    Path folder = Path.of(options.getOrDefault("models", "models"));
    List<ModelBenchmark> all = new ArrayList<>();
    String title = command + (only.isEmpty() ? "" : "-" + only);
    BenchmarkReport report = new BenchmarkReport(out, options.getOrDefault("name", title));
    ModelBenchmark.Settings settings =
        new ModelBenchmark.Settings(
            out,
            Integer.parseInt(options.getOrDefault("level", "3")),
            Integer.parseInt(options.getOrDefault("iterations", "2000")),
            Boolean.parseBoolean(options.getOrDefault("warm", "false")),
            Integer.parseInt(options.getOrDefault("opset", "0")),
            Boolean.parseBoolean(options.getOrDefault("brief", "false")));
    for (String family : FAMILIES) {
      List<BenchmarkCase> cases = cases(family.equals("minilm") ? TEXT : IMAGES, options);
      if (cases.isEmpty() || (FAMILIES.contains(command) && !command.equals(family))) {
        continue;
      }
      List<String> names = names(family);
      boolean exact = names.contains(only);
      for (String name : names) {
        if (exact ? name.equals(only) : name.contains(only)) {
          Path file = folder.resolve(family + ".onnx");
          all.add(new ModelBenchmark(file, name, cases, report, settings));
        }
      }
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing to measure is called '" + only + "' or has the shapes that were asked for");
    }
    for (ModelBenchmark benchmark : all) {
      if (command.equals("threads")) {
        benchmark.threads(8, Integer.parseInt(options.getOrDefault("seconds", "120")));
      } else if (command.equals("loop")) {
        benchmark.loop(Integer.parseInt(options.getOrDefault("calls", "2")));
      } else {
        benchmark.run();
      }
    }
    return true;
  }

  private static List<String> names(String family) {
    Stream<String> more = family.equals("minilm") ? OF_TEXT.stream() : Stream.of();
    return Stream.concat(PRECISIONS.stream(), more).map(p -> family + "-" + p).toList();
  }

  private static List<BenchmarkCase> cases(List<BenchmarkCase> all, Map<String, String> options) {
    List<String> wanted = List.of(options.getOrDefault("shapes", "").split(","));
    return wanted.contains("") ? all : all.stream().filter(c -> wanted.contains(c.name())).toList();
  }
}

package io.inferc.backend.onnxruntime;

import io.inferc.Compiler;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.Workload;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * What ONNX Runtime's settings are worth on all-MiniLM-L6-v2 in single precision, in turns with its
 * defaults as inferc has them, and what memory a process takes. Prints Markdown.
 */
public final class SettingsBenchmark {
  private static final String MEMORY = "--memory";
  private static final String DEFAULTS = "defaults";
  private static final int[][] SIZES = {{1, 16}, {1, 128}, {4, 128}};

  private SettingsBenchmark() {}

  /**
   * Measures, about three minutes.
   *
   * @param arguments the file to write the figures to, and the model
   */
  public static void main(String... arguments) throws Exception {
    if (arguments.length == 3 && arguments[0].equals(MEMORY)) {
      System.out.println(MEMORY + peak(arguments[1], OnnxModel.load(Path.of(arguments[2]))));
      return;
    }
    if (arguments.length != 2) {
      throw new IllegalArgumentException("Give the file for the figures, and the model.");
    }
    OnnxModel model = OnnxModel.load(Path.of(arguments[1]));
    List<String> report = new ArrayList<>();
    report.add(Environment.current().describe());
    report.add("");
    report.add("| setting | 1x16 | 1x128 | 4x128 | memory of the process |");
    report.add("|---|---|---|---|---|");
    report.add(String.format("| %s | | | | %s |", DEFAULTS, memory(DEFAULTS, arguments[1])));
    for (String name : settings().keySet()) {
      report.add(
          String.format("| %s | %s | %s |", name, ratios(name, model), memory(name, arguments[1])));
      System.out.println(report.get(report.size() - 1));
      Files.write(Path.of(arguments[0]), report);
    }
    report.forEach(System.out::println);
  }

  private static Map<String, OnnxRuntimeOptions> settings() {
    Map<String, OnnxRuntimeOptions> settings = new LinkedHashMap<>();
    settings.put("defaults again", OnnxRuntimeOptions.defaults());
    settings.put("spinning", OnnxRuntimeOptions.builder().spinning(true).build());
    settings.put("no spinning", OnnxRuntimeOptions.builder().spinning(false).build());
    settings.put("blocks of a quarter", entry("session.dynamic_block_base", "4"));
    settings.put("no prepacking", entry("session.disable_prepacking", "1"));
    settings.put(
        "weights beside the arena", entry("session.use_device_allocator_for_initializers", "1"));
    settings.put("threads bound", bound());
    settings.put("no arena", OnnxRuntimeOptions.builder().cpuArena(false).build());
    settings.put("no memory pattern", OnnxRuntimeOptions.builder().memoryPattern(false).build());
    settings.put("denormals are zero", entry("session.set_denormal_as_zero", "1"));
    return settings;
  }

  private static OnnxRuntimeOptions entry(String key, String value) {
    return OnnxRuntimeOptions.builder().sessionConfig(key, value).build();
  }

  /** A thread for each processor but the first, where the caller runs. */
  private static OnnxRuntimeOptions bound() {
    int processors = Runtime.getRuntime().availableProcessors();
    List<String> places = new ArrayList<>();
    for (int i = 2; i <= processors; i++) {
      places.add(Integer.toString(i));
    }
    return OnnxRuntimeOptions.builder()
        .intraOpThreads(processors)
        .sessionConfig("session.intra_op_thread_affinities", String.join(";", places))
        .build();
  }

  private static String ratios(String name, OnnxModel model) {
    List<String> cells = new ArrayList<>();
    try (CompiledModel before = compile(DEFAULTS, model);
        CompiledModel after = compile(name, model)) {
      for (int[] size : SIZES) {
        Map<String, Tensor> inputs = inputs(size);
        BenchmarkOptions options =
            BenchmarkOptions.defaults()
                .withRounds(Integer.getInteger("inferc.rounds", 16))
                .withTimes(Duration.ofMillis(300), Duration.ofMillis(250));
        cells.add(
            Benchmark.compare(before, after, Workload.of(size[0] + "x" + size[1], inputs), options)
                .latencyRatio()
                .toString());
        inputs.values().forEach(Tensor::close);
      }
    }
    return String.join(" | ", cells);
  }

  private static CompiledModel compile(String name, OnnxModel model) {
    OnnxRuntimeOptions options =
        name.equals(DEFAULTS)
            ? OnnxRuntimeOptions.defaults()
            : Objects.requireNonNull(settings().get(name), name);
    return Compiler.forTarget(Target.onnxRuntime().options(options)).build().compile(model);
  }

  private static Map<String, Tensor> inputs(int[] size) {
    int count = size[0] * size[1];
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return Map.of(
        "input_ids",
        Tensor.of(new Random(1).longs(count, 1000, 20_000).toArray(), size[0], size[1]),
        "attention_mask",
        Tensor.of(ones, size[0], size[1]),
        "token_type_ids",
        Tensor.of(new long[count], size[0], size[1]));
  }

  /** What is resident after a compile and runs of all sizes, in MiB. */
  private static String peak(String name, OnnxModel model) throws IOException {
    try (CompiledModel compiled = compile(name, model);
        InferenceSession session = compiled.newSession()) {
      for (int[] size : SIZES) {
        session.run(inputs(size)).values().forEach(Tensor::close);
      }
      System.gc();
      return Files.readAllLines(Path.of("/proc/self/smaps_rollup")).stream()
          .filter(l -> l.startsWith("Private_Dirty:"))
          .map(l -> Long.parseLong(l.replaceAll("\\D", "")) / 1024)
          .map(m -> String.format(Locale.ROOT, "%d MiB", m))
          .findFirst()
          .orElse("?");
    }
  }

  /** A process of its own, since what a model gave back stays with its process. */
  private static String memory(String name, String model) throws IOException {
    ProcessBuilder start =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            SettingsBenchmark.class.getName(),
            MEMORY,
            name,
            model);
    start.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = start.redirectErrorStream(true).start();
    try (InputStream words = process.getInputStream()) {
      String text = new String(words.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(l -> l.startsWith(MEMORY))
          .map(l -> l.substring(MEMORY.length()))
          .findFirst()
          .orElseThrow(() -> new IOException("The process said: " + text));
    }
  }
}

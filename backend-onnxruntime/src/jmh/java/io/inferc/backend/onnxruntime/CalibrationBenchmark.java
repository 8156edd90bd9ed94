package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.OperatingSystemMXBean;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.RatioInterval;
import io.inferc.calibrate.Calibration;
import io.inferc.calibrate.Calibrator;
import io.inferc.calibrate.RangeObserver;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.CleanUp;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.quantize.QuantizableLayers;
import io.inferc.runtime.Target;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.RealModels;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What calibrating all-MiniLM-L6-v2 costs against bare forward passes of the same samples in the
 * plain optimized session. Both take turns in blocks of samples; what calibration does before the
 * first and after the last sample is spread over its blocks. Prints Markdown.
 */
public final class CalibrationBenchmark {
  private static final int BLOCKS = 20;
  private static final int SHORTEST = 8;
  private static final int LONGEST = 128;
  private static final int SEED = 11;

  private CalibrationBenchmark() {}

  /**
   * Runs everything.
   *
   * @param arguments the file to write the figures to, or {@code -} to print them only, then the
   *     number of samples, 1,000 unless it is said, then how many rows, from the first
   */
  public static void main(String... arguments) throws Exception {
    int samples = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1000;
    int rows = arguments.length > 2 ? Integer.parseInt(arguments[2]) : Integer.MAX_VALUE;
    OnnxModel model = OnnxModel.load(RealModels.MINILM.path());
    Set<String> products = aroundProducts(model);
    List<String> report = new ArrayList<>(header(samples));
    OnnxModel cleaned = cleaned(model);
    Set<String> quantizable = quantizable(cleaned);
    List<Row> all =
        List.of(
            new Row(cleaned, quantizable, "all that a compile quantizes", "entropy"),
            new Row(model, null, "every activation", "entropy"),
            new Row(model, products, "all around matrix products", "entropy"),
            new Row(cleaned, quantizable, "all that a compile quantizes", "percentile"));
    for (Row row : all.subList(0, Math.min(rows, all.size()))) {
      report.add(measure(row, samples));
    }
    report.add("");
    report.add(
        String.format(
            Locale.ROOT,
            "The model's weights take %.0f MB; the bare session holds them once more. Largest"
                + " resident size of the whole process, all rows and the bare session together:"
                + " %.0f MiB.",
            Files.size(RealModels.MINILM.path()) / 1e6,
            statusMib("VmHWM:")));
    report.forEach(System.out::println);
    if (arguments.length > 0 && !arguments[0].equals("-")) {
      Files.write(Path.of(arguments[0]), report);
    }
  }

  private static List<String> header(int samples) {
    return List.of(
        "# Calibration against bare forward passes",
        "",
        Environment.current().describe() + ", ONNX Runtime " + RuntimeVersion.find(),
        "",
        String.format(
            Locale.ROOT,
            "all-MiniLM-L6-v2, %,d samples of 1 x %d to %d tokens, in turns by blocks of %d.",
            samples,
            SHORTEST,
            LONGEST,
            samples / BLOCKS),
        "",
        "| tensors | method | observed | bare | calibration | of it before and after the samples |"
            + " ratio, 95 % interval | ratio of processor time | heap peak | resident |",
        "|---|---|---|---|---|---|---|---|---|---|");
  }

  private static OnnxModel cleaned(OnnxModel model) {
    OnnxModel upgraded = model.upgradeOpset(13);
    return CleanUp.pipeline().apply(upgraded, new RewriteLog());
  }

  /** The activations whose ranges a compile for this back end's CPU asks for. */
  private static Set<String> quantizable(OnnxModel cleaned) {
    QuantizationDialect dialect = Dialects.cpu("avx512_vnni");
    Map<String, LayerDecision> plan = new LinkedHashMap<>();
    for (String layer : QuantizableLayers.layers(cleaned, dialect, NumericPrecision.INT8)) {
      plan.put(layer, new LayerDecision(NumericPrecision.INT8, "to be calibrated"));
    }
    LayerPlan all = QuantizableLayers.withFollowers(cleaned, dialect, new LayerPlan(plan));
    return QuantizableLayers.tensors(cleaned, dialect, all).ranges();
  }

  /** The floating-point inputs and outputs of all products, and what adds their biases. */
  private static Set<String> aroundProducts(OnnxModel model) {
    Set<String> found = new LinkedHashSet<>();
    for (Node node : model.graph().nodes()) {
      boolean product = Set.of("MatMul", "Gemm", "Conv").contains(node.opType());
      boolean bias =
          node.opType().equals("Add") && node.inputs().stream().anyMatch(found::contains);
      if (product || bias) {
        node.inputs().stream()
            .filter(i -> model.graph().initializer(i).isEmpty())
            .forEach(found::add);
        found.addAll(node.outputs());
      }
    }
    return found;
  }

  /** A line of the table: what is observed, and how. */
  private record Row(OnnxModel model, @Nullable Set<String> tensors, String name, String method) {}

  private static String measure(Row row, int samples) throws Exception {
    RangeObserver observer =
        row.method().equals("entropy") ? RangeObserver.entropy() : RangeObserver.percentile();
    Target.Choice choice = Target.onnxRuntime().choices().get(0);
    OnnxRuntimeBackend backend = new OnnxRuntimeBackend(RuntimeVersion.find());
    Calibrator calibrator =
        Calibrator.builder(row.model(), backend, choice)
            .observer(observer)
            .tensors(row.tensors())
            .build();
    try (Turns turns = new Turns(samples)) {
      turns.warmUp(calibrator);
      heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
      Clocks start = Clocks.now();
      Calibration calibration = calibrator.calibrate(turns);
      Clocks whole = Clocks.since(start);
      long heap = heapPools().stream().mapToLong(p -> p.getPeakUsage().getUsed()).sum();
      return turns.row(row, calibration.table().ranges().size(), whole, heap);
    }
  }

  /** Time that passed, and processor time of all threads of the process, in nanoseconds. */
  private record Clocks(long wall, long processor) {
    static Clocks now() {
      OperatingSystemMXBean system =
          ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
      return new Clocks(System.nanoTime(), system.getProcessCpuTime());
    }

    static Clocks since(Clocks start) {
      Clocks now = now();
      return new Clocks(now.wall() - start.wall(), now.processor() - start.processor());
    }
  }

  private static List<MemoryPoolMXBean> heapPools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(p -> p.getType() == MemoryType.HEAP)
        .toList();
  }

  private static double statusMib(String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(field)) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    return 0;
  }

  /** The samples, with the bare passes of each block run before calibration gets the block. */
  private static final class Turns implements Dataset, AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession bare;
    private final List<Map<String, Tensor>> samples = new ArrayList<>();
    private final Clocks[] bareTimes = new Clocks[BLOCKS];
    private final Clocks[] calibrationTimes = new Clocks[BLOCKS];
    private final int block;

    Turns(int count) throws OrtException {
      block = count / BLOCKS;
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        bare = environment.createSession(RealModels.MINILM.path().toString(), options);
      }
      Random random = new Random(SEED);
      for (int i = 0; i < block * BLOCKS; i++) {
        samples.add(tokens(random, SHORTEST + random.nextInt(LONGEST - SHORTEST + 1)));
      }
    }

    private static Map<String, Tensor> tokens(Random random, int length) {
      long[] ids = random.longs(length, 1000, 29_000).toArray();
      long[] ones = new long[length];
      Arrays.fill(ones, 1);
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      inputs.put("input_ids", Tensor.of(ids, 1, length));
      inputs.put("attention_mask", Tensor.of(ones, 1, length));
      inputs.put("token_type_ids", Tensor.of(new long[length], 1, length));
      return inputs;
    }

    void warmUp(Calibrator calibrator) throws OrtException {
      int few = Math.min(block, samples.size());
      calibrator.calibrate(Dataset.of(samples.subList(0, few)));
      for (int i = 0; i < few; i++) {
        runBare(samples.get(i));
      }
    }

    private void runBare(Map<String, Tensor> sample) throws OrtException {
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      for (Map.Entry<String, Tensor> e : sample.entrySet()) {
        Tensor t = e.getValue();
        inputs.put(
            e.getKey(),
            OnnxTensor.createTensor(environment, t.bytes(), t.shape(), Types.javaType(t.type())));
      }
      bare.run(inputs).close();
      inputs.values().forEach(OnnxTensor::close);
    }

    @Override
    public void forEach(Visitor visitor) {
      for (int b = 0; b < BLOCKS; b++) {
        try {
          Clocks start = Clocks.now();
          for (int i = b * block; i < (b + 1) * block; i++) {
            runBare(samples.get(i));
          }
          bareTimes[b] = Clocks.since(start);
        } catch (OrtException e) {
          throw new IllegalStateException(e);
        }
        Clocks start = Clocks.now();
        for (int i = b * block; i < (b + 1) * block; i++) {
          visitor.visit(i, samples.get(i));
        }
        calibrationTimes[b] = Clocks.since(start);
      }
    }

    @Override
    public OptionalLong size() {
      return OptionalLong.of(samples.size());
    }

    String row(Row row, int observed, Clocks whole, long heap) throws IOException {
      double[] bareWall = nanos(bareTimes, Clocks::wall);
      double[] calibrationWall = nanos(calibrationTimes, Clocks::wall);
      double ofBare = Arrays.stream(bareWall).sum();
      double around = spread(calibrationWall, whole.wall() - ofBare);
      double[] bareProcessor = nanos(bareTimes, Clocks::processor);
      double[] calibrationProcessor = nanos(calibrationTimes, Clocks::processor);
      spread(calibrationProcessor, whole.processor() - Arrays.stream(bareProcessor).sum());
      return String.format(
          Locale.ROOT,
          "| %s | %s | %d | %.1f s | %.1f s | %.1f s | %s | %s | %.0f MiB | %.0f MiB |",
          row.name(),
          row.method(),
          observed,
          ofBare / 1e9,
          (whole.wall() - ofBare) / 1e9,
          around / 1e9,
          RatioInterval.ofPairs(calibrationWall, bareWall),
          RatioInterval.ofPairs(calibrationProcessor, bareProcessor),
          heap / 0x1p20,
          statusMib("VmRSS:"));
    }

    private static double[] nanos(Clocks[] blocks, ToLongFunction<Clocks> clock) {
      return Arrays.stream(blocks).mapToLong(clock).asDoubleStream().toArray();
    }

    /** Adds what was spent outside the blocks to all of them, the same to each. */
    private static double spread(double[] blocks, double all) {
      double around = all - Arrays.stream(blocks).sum();
      for (int b = 0; b < blocks.length; b++) {
        blocks[b] += around / blocks.length;
      }
      return around;
    }

    @Override
    public void close() throws OrtException {
      samples.forEach(s -> s.values().forEach(Tensor::close));
      bare.close();
    }
  }
}

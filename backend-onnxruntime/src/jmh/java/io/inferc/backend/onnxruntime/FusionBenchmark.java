package io.inferc.backend.onnxruntime;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.RatioInterval;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.AdditionOrder;
import io.inferc.rewrite.cleanup.AttentionFusion;
import io.inferc.rewrite.cleanup.DeadNodeElimination;
import io.inferc.rewrite.cleanup.GeluKernelFusion;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * What each fusion for ONNX Runtime's CPU is worth on transformers in single precision: the model
 * cleaned up, in turns with the same model fused, on the one thread that asks. It is processor time
 * that is measured, which others on the machine take least part in. Prints Markdown.
 */
public final class FusionBenchmark {
  private static final int VOCABULARY = 1000;
  private static final int PIXELS = 224;

  /** A request. */
  private record Size(int batch, int tokens, boolean padded) {
    @Override
    public String toString() {
      return batch + "x" + tokens + (padded ? ", half of one masked" : "");
    }
  }

  private static final List<Size> TEXTS =
      List.of(
          new Size(1, 16, false),
          new Size(1, 128, false),
          new Size(4, 128, false),
          new Size(4, 128, true),
          new Size(2, 512, false),
          new Size(2, 512, true));
  private static final List<Size> IMAGES = List.of(new Size(1, 1, false), new Size(4, 1, false));

  private static final int ROUNDS = Integer.getInteger("inferc.rounds", 16);
  private static final long TURN_NANOS = 100_000_000;

  private FusionBenchmark() {}

  /**
   * Measures, about six seconds for each model and size.
   *
   * @param arguments the file to write the figures to, then models of {@code input_ids} and perhaps
   *     {@code attention_mask} and {@code token_type_ids}, of 512 tokens at least, or of {@code
   *     pixel_values}
   */
  public static void main(String... arguments) throws Exception {
    if (arguments.length < 2) {
      throw new IllegalArgumentException("Give the file for the figures, and models.");
    }
    List<String> report = new ArrayList<>();
    report.add(Environment.current().describe());
    report.add("");
    report.add("| model | request | cleaned up | attention | attention and Gelu |");
    report.add("|---|---|---|---|---|");
    for (String argument : Arrays.asList(arguments).subList(1, arguments.length)) {
      Path file = Path.of(argument);
      String name = String.valueOf(file.getFileName()).replace(".onnx", "");
      report.addAll(rows(name, OnnxModel.load(file)));
      Files.write(Path.of(arguments[0]), report);
    }
    report.forEach(System.out::println);
  }

  private static List<String> rows(String name, OnnxModel model) {
    OnnxModel cleaned = compiler().rewriter(model).cleaned();
    OnnxModel ordered = apply(cleaned, new AdditionOrder());
    OnnxModel attention = apply(ordered, new AttentionFusion(cleaned, List.of()));
    OnnxModel both = apply(attention, new GeluKernelFusion());
    List<String> rows = new ArrayList<>();
    boolean image = model.graph().inputs().stream().anyMatch(i -> i.name().equals("pixel_values"));
    try (CompiledModel before = compiler().compile(ordered);
        CompiledModel some = compiler().compile(attention);
        CompiledModel all = compiler().compile(both)) {
      for (Size size : image ? IMAGES : TEXTS) {
        Map<String, Tensor> inputs = inputs(model, size);
        if (size.padded() && !inputs.containsKey("attention_mask")) {
          continue;
        }
        double[][] millis = millis(List.of(before, some, all), inputs);
        rows.add(
            String.format(
                Locale.ROOT,
                "| %s | %s | %.1f ms | %s | %s |",
                name,
                image ? size.batch() + " images" : size,
                Arrays.stream(millis[0]).sorted().toArray()[ROUNDS / 2],
                attention.equals(ordered) ? "" : RatioInterval.ofPairs(millis[0], millis[1]),
                both.equals(attention) ? "" : RatioInterval.ofPairs(millis[0], millis[2])));
        System.out.println(rows.get(rows.size() - 1));
        inputs.values().forEach(Tensor::close);
      }
    }
    return rows;
  }

  private static OnnxModel apply(OnnxModel model, GraphPass pass) {
    OnnxModel fused =
        pass.notApplicable(model).isEmpty() ? pass.apply(model, new RewriteLog()) : model;
    return new DeadNodeElimination().apply(fused, new RewriteLog());
  }

  /**
   * Measures models in turns, in an order drawn anew for each round.
   *
   * @return the processor time of a run in each round, by model
   */
  private static double[][] millis(List<CompiledModel> models, Map<String, Tensor> inputs) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    List<InferenceSession> sessions = models.stream().map(CompiledModel::newSession).toList();
    double[][] millis = new double[models.size()][ROUNDS];
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < sessions.size(); i++) {
      inputs.forEach(sessions.get(i)::bindInput);
      sessions.get(i).run();
      order.add(i);
    }
    long started = System.nanoTime();
    sessions.get(0).run();
    long runs = Math.max(1, TURN_NANOS / (System.nanoTime() - started));
    Random random = new Random(1);
    for (int round = 0; round < ROUNDS; round++) {
      Collections.shuffle(order, random);
      for (int i : order) {
        long from = threads.getCurrentThreadCpuTime();
        for (int run = 0; run < runs; run++) {
          sessions.get(i).run();
        }
        millis[i][round] = (threads.getCurrentThreadCpuTime() - from) / 1e6 / runs;
      }
    }
    sessions.forEach(InferenceSession::close);
    return millis;
  }

  /** Single precision, which leaves a model as it is. One thread waits for no other. */
  private static Compiler compiler() {
    OnnxRuntimeOptions one = OnnxRuntimeOptions.builder().intraOpThreads(1).build();
    return Compiler.forTarget(Target.onnxRuntime().options(one))
        .precision(Precision.fp32())
        .build();
  }

  private static Map<String, Tensor> inputs(OnnxModel model, Size size) {
    Random random = new Random(1);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (ValueInfo input : model.graph().requiredInputs()) {
      inputs.put(
          input.name(),
          switch (input.name()) {
            case "input_ids" -> longs(random.longs(count(size), 0, VOCABULARY).toArray(), size);
            case "attention_mask" -> longs(mask(size), size);
            case "token_type_ids" -> longs(new long[Math.toIntExact(count(size))], size);
            case "pixel_values" -> pixels(random, size);
            default ->
                throw new IllegalArgumentException(
                    "Found the input '" + input.name() + "', which this benchmark does not know.");
          });
    }
    return inputs;
  }

  private static long count(Size size) {
    return (long) size.batch() * size.tokens();
  }

  private static Tensor longs(long[] values, Size size) {
    return Tensor.of(values, size.batch(), size.tokens());
  }

  private static long[] mask(Size size) {
    long[] mask = new long[Math.toIntExact(count(size))];
    Arrays.fill(mask, 1);
    if (size.padded()) {
      Arrays.fill(mask, mask.length - size.tokens() / 2, mask.length, 0);
    }
    return mask;
  }

  private static Tensor pixels(Random random, Size size) {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, size.batch(), 3, PIXELS, PIXELS);
    for (int i = 0; i < tensor.elementCount(); i++) {
      tensor.floats().put(i, (float) random.nextGaussian());
    }
    return tensor;
  }
}

package io.inferc.backend.onnxruntime;

import io.inferc.benchmark.Environment;
import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.AdditionOrder;
import io.inferc.rewrite.cleanup.AttentionFusion;
import io.inferc.rewrite.cleanup.CleanUp;
import io.inferc.rewrite.cleanup.DeadNodeElimination;
import io.inferc.rewrite.cleanup.GeluKernelFusion;
import io.inferc.rewrite.half.HalfPrecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.LayerPlanner;
import io.inferc.rewrite.quantize.DynamicQuantization;
import io.inferc.rewrite.quantize.QuantizableLayers;
import io.inferc.rewrite.quantize.StaticQuantization;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What rewriting takes for a compile of a graph of 50,000 nodes. Prints Markdown. */
public final class RewriteBenchmark {
  private static final int NODES = 50_000;
  private static final int ROUNDS = 12;

  private RewriteBenchmark() {}

  /**
   * Runs everything, under a minute.
   *
   * @param arguments {@code int8} (dynamic scales), {@code static} or {@code fp16}, then the file
   *     to write the figures to; none to print them only
   */
  public static void main(String... arguments) throws Exception {
    NumericPrecision precision =
        switch (arguments.length == 0 ? "int8" : arguments[0]) {
          case "fp16" -> NumericPrecision.FP16;
          case "static" -> NumericPrecision.INT8;
          default -> NumericPrecision.INT8_DYNAMIC;
        };
    OnnxModel model = RewriteModels.deep(NODES);
    List<GraphPass> passes = new ArrayList<>(CleanUp.passes());
    Planned planned = new Planned(precision);
    passes.add(planned);
    passes.add(new AdditionOrder());
    passes.add(new AttentionFusion());
    passes.add(new GeluKernelFusion());
    passes.add(new DeadNodeElimination());
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double[][] millis = new double[passes.size()][ROUNDS];
    double[] totals = new double[ROUNDS];
    double[] processor = new double[ROUNDS];
    int[] nodes = new int[passes.size()];
    for (int round = 0; round < ROUNDS; round++) {
      OnnxModel current = model;
      long processorStart = threads.getCurrentThreadCpuTime();
      for (int p = 0; p < passes.size(); p++) {
        long start = System.nanoTime();
        if (passes.get(p).notApplicable(current).isEmpty()) {
          current = passes.get(p).apply(current, new RewriteLog());
        }
        millis[p][round] = (System.nanoTime() - start) / 1e6;
        if (passes.get(p) == planned) {
          millis[p][round] -= planned.tableMillis;
        }
        totals[round] += millis[p][round];
        nodes[p] = current.graph().nodes().size();
      }
      double spent = (threads.getCurrentThreadCpuTime() - processorStart) / 1e6;
      processor[round] = spent - planned.tableMillis;
    }
    List<String> report = report(model, passes, millis, nodes);
    report.add(row("all", "", totals));
    report.add(row("all, processor time of the thread", "", processor));
    report.add("");
    report.add(
        "Where other processes share the machine, only the last row is the passes' own time.");
    report.forEach(System.out::println);
    if (arguments.length > 1) {
      Files.write(Path.of(arguments[1]), report);
    }
  }

  /** What a compile does after clean-up: finds the layers, plans them and writes the precision. */
  private static final class Planned implements GraphPass {
    private final NumericPrecision precision;
    // What making up the ranges took, which is no rewriting.
    private double tableMillis;

    Planned(NumericPrecision precision) {
      this.precision = precision;
    }

    @Override
    public String name() {
      return "plan and write " + precision;
    }

    @Override
    public OnnxModel apply(OnnxModel model, RewriteLog log) {
      QuantizationDialect dialect = Dialects.cpu("avx512_vnni");
      Set<String> layers =
          QuantizableLayers.layers(
              model, dialect, precision.isInteger() ? precision : NumericPrecision.INT8_DYNAMIC);
      LayerPlan plan = LayerPlanner.forBase(precision).plan(model, layers, List.of());
      return switch (precision) {
        case FP16 ->
            HalfPrecision.fp16().plan(plan).quantizedNodes(false).build().apply(model, log);
        case INT8 -> calibrated(model, dialect, plan, log);
        default -> new DynamicQuantization(dialect, plan).apply(model, log);
      };
    }

    /** As a compile does, with ranges that no reference run measured. */
    private OnnxModel calibrated(
        OnnxModel model, QuantizationDialect dialect, LayerPlan plan, RewriteLog log) {
      LayerPlan all = QuantizableLayers.withFollowers(model, dialect, plan);
      Set<String> tensors = QuantizableLayers.tensors(model, dialect, all).ranges();
      long start = System.nanoTime();
      CalibrationTable.Builder builder = CalibrationTable.builder("none", "none", 1);
      tensors.forEach(tensor -> builder.range(tensor, TensorRange.observed(-1, 1)));
      CalibrationTable table = builder.build();
      tableMillis = (System.nanoTime() - start) / 1e6;
      return new StaticQuantization(table, dialect, all).apply(model, log);
    }
  }

  private static List<String> report(
      OnnxModel model, List<GraphPass> passes, double[][] millis, int[] nodes) {
    List<String> report = new ArrayList<>();
    report.add("# Rewriting a large graph");
    report.add("");
    report.add(Environment.current().describe());
    report.add("");
    report.add(
        String.format(
            Locale.ROOT,
            "A generated transformer of %,d nodes: attention with computed shapes, layer"
                + " normalization and Gelu written out, convolution with batch normalization,"
                + " Constant nodes. The first run is that of a fresh process, where Java still"
                + " interprets; the median is of %d runs after it in the same process.",
            model.graph().nodes().size(),
            ROUNDS - 1));
    report.add("");
    report.add("| pass | nodes after | first run | median |");
    report.add("|---|---|---|---|");
    for (int p = 0; p < passes.size(); p++) {
      report.add(row(passes.get(p).name(), String.format(Locale.ROOT, "%,d", nodes[p]), millis[p]));
    }
    return report;
  }

  private static String row(String name, String nodes, double... millis) {
    double[] later = Arrays.copyOfRange(millis, 1, millis.length);
    Arrays.sort(later);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.0f ms | %.0f ms |",
        name,
        nodes,
        millis[0],
        later[later.length / 2]);
  }
}

package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Layers;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Workload;
import io.inferc.calibrate.CalibrationTable;
import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.PrecisionReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.Target;
import io.inferc.search.LayerCost;
import io.inferc.search.PrecisionSearch;
import io.inferc.search.SearchResult;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecisionTest {
  static final int WIDTH = 64;
  static final int LAYERS = 4;

  static float[] random(long seed, int count, double deviation) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  /** A chain of products with biases and Relus, named layer0, layer1 and so on. */
  static OnnxModel network() {
    GraphBuilder graph =
        Graph.builder("mlp")
            .input(TensorSpec.of("x", DataType.FLOAT32, "batch, " + WIDTH))
            .output(TensorSpec.of("y", DataType.FLOAT32, "batch, " + WIDTH));
    String t = "x";
    for (int i = 0; i < LAYERS; i++) {
      graph.initializer(Initializer.floats("w" + i, random(i, WIDTH * WIDTH, 0.15), WIDTH, WIDTH));
      graph.initializer(Initializer.floats("b" + i, random(50 + i, WIDTH, 0.1), WIDTH));
      graph.node(
          Node.builder("MatMul").name("layer" + i).inputs(t, "w" + i).outputs("m" + i).build());
      String sum = i == LAYERS - 1 ? "y" : "a" + i;
      graph.node(Node.of("Add", List.of("m" + i, "b" + i), List.of(sum)));
      if (i < LAYERS - 1) {
        graph.node(Node.of("Relu", List.of(sum), List.of("r" + i)));
        t = "r" + i;
      }
    }
    return OnnxModel.of(graph.build(), 17);
  }

  static Dataset samples(int count, int from) {
    return Dataset.generated(
        count, i -> Map.of("x", Tensor.of(random(from + i, 2 * WIDTH, 1), 2, WIDTH)));
  }

  static Compiler compiler(Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build();
  }

  private static double sqnr(Precision precision) {
    try (CompiledModel original = compiler(Precision.fp32()).compile(network());
        CompiledModel compiled = compiler(precision).compile(network())) {
      return Accuracy.compare(original, compiled, samples(20, 9000), Tolerance.regression())
          .outputs()
          .get(0)
          .metric(Metric.SQNR_DB)
          .orElseThrow();
    }
  }

  private static long kernels(Precision precision, String type) {
    try (CompiledModel compiled = compiler(precision).compile(network())) {
      return compiled.kernels().stream().map(KernelInfo::type).filter(type::equals).count();
    }
  }

  @Test
  void staticInt8RunsInIntegerKernelsAndStaysClose() {
    Precision int8 = Precision.int8(samples(100, 0));
    double sqnr = sqnr(int8);
    assertTrue(sqnr > 25 && sqnr < 60, "SQNR " + sqnr + " dB");
    assertEquals(0, kernels(int8, "MatMul"));
  }

  @Test
  void dynamicInt8RunsInIntegerKernelsAndStaysClose() {
    double sqnr = sqnr(Precision.int8Dynamic());
    assertTrue(sqnr > 25 && sqnr < 60, "SQNR " + sqnr + " dB");
    assertEquals(LAYERS, kernels(Precision.int8Dynamic(), "DynamicQuantizeMatMul"));
  }

  @Test
  void fp16StaysCloserThanInt8() {
    double sqnr = sqnr(Precision.fp16());
    assertTrue(sqnr > 55 && sqnr < 120, "SQNR " + sqnr + " dB");
  }

  @Test
  void quantizedLayersRunInIntegerKernelsWhileTheRestIsInHalfPrecision() {
    Precision mixed = Precision.int8(samples(100, 0)).rest(DataType.FLOAT16);
    double sqnr = sqnr(mixed);
    assertTrue(sqnr > 25 && sqnr < 60, "SQNR " + sqnr + " dB");
    assertEquals(0, kernels(mixed, "MatMul"));
  }

  @Test
  void halfPrecisionWithSamplesKeepsWhatOverflowsInSinglePrecision() {
    Dataset large =
        Dataset.generated(20, i -> Map.of("x", Tensor.of(random(i, 2 * WIDTH, 1e5), 2, WIDTH)));
    ModelRewriter rewriter = compiler(Precision.fp16(large)).rewriter(network());
    rewriter.rewrite(rewriter.plan());
    assertTrue(
        rewriter.notes().stream()
            .anyMatch(n -> n.node().equals("layer0") && n.text().contains("in the reference run")),
        rewriter.notes()::toString);
  }

  @Test
  void rulesAloneChangeAModelInSinglePrecision() {
    Precision ruled = Precision.fp32().keep(Layers.named("layer1"), DataType.FLOAT16);
    double sqnr = sqnr(ruled);
    assertTrue(sqnr > 55 && sqnr < 120, "SQNR " + sqnr + " dB");
  }

  @Test
  void biasesAreCorrectedAndTheNotesSaySo() {
    Precision corrected = Precision.int8(samples(100, 0)).biasCorrection(true);
    double sqnr = sqnr(corrected);
    assertTrue(sqnr > 25 && sqnr < 60, "SQNR " + sqnr + " dB");
    assertEquals(0, kernels(corrected, "MatMul"));
    ModelRewriter rewriter = compiler(corrected).rewriter(network());
    rewriter.rewrite(rewriter.plan());
    assertEquals(
        LAYERS, rewriter.notes().stream().filter(n -> n.pass().equals("correct-biases")).count());
  }

  @Test
  void outliersAreSmoothedBeforeQuantizationAndTheNotesSaySo() {
    Precision smoothed = Precision.int8(samples(100, 0)).smoothQuant(0.5);
    double sqnr = sqnr(smoothed);
    assertTrue(sqnr > 25 && sqnr < 60, "SQNR " + sqnr + " dB");
    ModelRewriter rewriter = compiler(smoothed).rewriter(network());
    rewriter.rewrite(rewriter.plan());
    // The first layer reads an input of the graph.
    assertEquals(
        LAYERS - 1,
        rewriter.notes().stream().filter(n -> n.pass().equals("smooth-activations")).count());
  }

  @Test
  void dynamicLayersAreSmoothedWhereThereAreSamples() {
    Precision smoothed = Precision.int8Dynamic(samples(100, 0)).smoothQuant(0.5);
    double sqnr = sqnr(smoothed);
    assertTrue(sqnr > 25 && sqnr < 60, "SQNR " + sqnr + " dB");
    ModelRewriter rewriter = compiler(smoothed).rewriter(network());
    assertTrue(rewriter.plan().uses(NumericPrecision.INT8_DYNAMIC));
    assertFalse(rewriter.plan().uses(NumericPrecision.INT8));
    rewriter.rewrite(rewriter.plan());
    assertEquals(
        LAYERS - 1,
        rewriter.notes().stream().filter(n -> n.pass().equals("smooth-activations")).count());
    assertThrows(IllegalArgumentException.class, () -> Precision.int8Dynamic().smoothQuant());
  }

  @Test
  void dynamicLayersHaveTheirBiasesCorrectedToo() {
    Precision corrected = Precision.int8Dynamic(samples(100, 0)).biasCorrection(true);
    double sqnr = sqnr(corrected);
    assertTrue(sqnr > 25 && sqnr < 60, "SQNR " + sqnr + " dB");
    ModelRewriter rewriter = compiler(corrected).rewriter(network());
    OnnxModel written = rewriter.rewrite(rewriter.plan());
    assertEquals(
        LAYERS, rewriter.notes().stream().filter(n -> n.pass().equals("correct-biases")).count());
    ModelRewriter plain = compiler(Precision.int8Dynamic()).rewriter(network());
    assertNotEquals(plain.rewrite(plain.plan()), written);
  }

  @Test
  void bothTakeCalibration() {
    assertThrows(
        IllegalArgumentException.class, () -> Precision.int8Dynamic().biasCorrection(true));
    assertThrows(IllegalArgumentException.class, () -> Precision.fp16().smoothQuant(0.5));
    assertThrows(
        IllegalArgumentException.class, () -> Precision.int8(samples(9, 0)).smoothQuant(2));
  }

  @Test
  void keptLayersStayInFloatingPoint() {
    Precision ends = Precision.int8Dynamic().keep(Layers.firstAndLast(), DataType.FLOAT32);
    assertEquals(LAYERS - 2, kernels(ends, "DynamicQuantizeMatMul"));
    ModelRewriter rewriter = compiler(ends).rewriter(network());
    assertEquals(NumericPrecision.FP32, rewriter.plan().precision("layer0"));
    assertEquals(NumericPrecision.INT8_DYNAMIC, rewriter.plan().precision("layer1"));
    assertTrue(rewriter.plan().of("layer0").reason().contains("keep"));
  }

  @Test
  void theOutcomeSaysWhatEachNodeEndedWithAndWhy() {
    Precision ends = Precision.int8(samples(60, 0)).keep(Layers.first(1), DataType.FLOAT32);
    ModelRewriter rewriter = compiler(ends).rewriter(network());
    assertTrue(rewriter.outcome().isEmpty());
    rewriter.rewrite(rewriter.plan());
    PrecisionReport report = PrecisionReport.of(rewriter.cleaned(), rewriter.outcome());
    assertEquals(rewriter.cleaned().graph().nodes().size(), report.layers().size());
    PrecisionReport.Layer first = report.layers().get(0);
    assertEquals("layer0", first.node());
    assertEquals(NumericPrecision.FP32, first.precision());
    assertTrue(first.reason().contains("by the rule: keep the first layer"), first.reason());
    assertEquals(
        LAYERS - 1,
        report.layers().stream()
            .filter(l -> l.opType().equals("MatMul"))
            .filter(l -> l.precision() == NumericPrecision.INT8)
            .count());
    assertEquals(NumericPrecision.INT8, report.groups().get(0).precision());
    assertEquals(
        report.layers().size(), report.groups().stream().mapToInt(g -> g.layers().size()).sum());
  }

  @Test
  void aRuleThatMatchesNothingIsAnErrorWithNearMatches() {
    Precision wrong = Precision.int8Dynamic().keep(Layers.named("layr1"), DataType.FLOAT32);
    InfercException e =
        assertThrows(InfercException.class, () -> compiler(wrong).compile(network()));
    assertTrue(e.getMessage().contains("layer1"), e.getMessage());
  }

  @Test
  void aTableOfAnotherModelIsRefused() {
    ModelRewriter rewriter = compiler(Precision.int8(samples(10, 0))).rewriter(network());
    CalibrationTable table = rewriter.calibrationTable().orElseThrow();
    compiler(Precision.int8(table)).compile(network()).close();
    OnnxModel other = network();
    OnnxModel changed =
        other.withGraph(
            other
                .graph()
                .edit()
                .putInitializer(Initializer.floats("b0", new float[WIDTH], WIDTH))
                .build());
    assertThrows(InfercException.class, () -> compiler(Precision.int8(table)).compile(changed));
  }

  @Test
  void theSameSamplesGiveTheSameModel() {
    Precision int8 = Precision.int8(samples(50, 0));
    ModelRewriter first = compiler(int8).rewriter(network());
    ModelRewriter second = compiler(int8).rewriter(network());
    assertEquals(first.rewrite(first.plan()).digest(), second.rewrite(second.plan()).digest());
    assertFalse(first.warnings().isEmpty(), "50 samples are few");
  }

  private static PrecisionSearch search(Tolerance tolerance, Path state, Map<String, Tensor> in) {
    OnnxModel model = network();
    Compiler compiler = compiler(Precision.int8(samples(60, 0)));
    BenchmarkOptions brief =
        BenchmarkOptions.defaults()
            .withRounds(3)
            .withTimes(Duration.ofMillis(5), Duration.ofMillis(5));
    return compiler
        .search(model, compiler.rewriter(model))
        .samples(samples(10, 5000), tolerance)
        .workload(Workload.of("two rows", in))
        .measurement(brief, brief)
        .budget(Duration.ofSeconds(30))
        .resume(state);
  }

  @Test
  void aSearchKeepsTheToleranceAndSaysWhatEachLayerCosts(@TempDir Path folder) {
    Path state = folder.resolve("search.json");
    Tolerance loose = Tolerance.custom().limit(Metric.SQNR_DB, 20).build();
    try (Tensor x = Tensor.of(random(1, 2 * WIDTH, 1), 2, WIDTH)) {
      SearchResult result = search(loose, state, Map.of("x", x)).run();
      assertTrue(result.accuracy().passed(), result.verdict());
      assertEquals(2 * LAYERS, result.layers().size());
      for (LayerCost c : result.layers()) {
        assertTrue(c.sqnrDb() > 20 && c.sqnrDb() < 80, c.toString());
        assertEquals(result.plan().precision(c.node()) == c.precision(), c.chosen());
      }
      assertTrue(Files.exists(state));
      int trials = result.trials();
      SearchResult resumed = search(loose, state, Map.of("x", x)).run();
      assertTrue(resumed.trials() >= trials);
      Tolerance other = Tolerance.custom().limit(Metric.SQNR_DB, 30).build();
      InfercException e =
          assertThrows(InfercException.class, () -> search(other, state, Map.of("x", x)).run());
      assertTrue(e.getMessage().contains("resume"), e.getMessage());
    }
  }

  @Test
  void aToleranceThatNothingKeepsLeavesTheModelInSinglePrecision(@TempDir Path folder) {
    Tolerance strict = Tolerance.custom().limit(Metric.SQNR_DB, 100).build();
    try (Tensor x = Tensor.of(random(1, 2 * WIDTH, 1), 2, WIDTH)) {
      SearchResult result = search(strict, folder.resolve("s.json"), Map.of("x", x)).run();
      assertFalse(result.reduces());
      // The clean-up alone may or may not be faster for certain.
      String start = result.asGiven() ? "Reduced precision does not pay" : "No layer";
      assertTrue(result.verdict().startsWith(start), result.verdict());
    }
  }
}

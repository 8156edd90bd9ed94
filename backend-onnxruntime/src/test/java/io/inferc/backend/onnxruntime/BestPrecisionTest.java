package io.inferc.backend.onnxruntime;

import static io.inferc.backend.onnxruntime.PrecisionTest.WIDTH;
import static io.inferc.backend.onnxruntime.PrecisionTest.network;
import static io.inferc.backend.onnxruntime.PrecisionTest.random;
import static io.inferc.backend.onnxruntime.PrecisionTest.samples;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.BestPrecision;
import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.Verification;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.Workload;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.OptimizationReport;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompilationReport.Outcome;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.search.Objective;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds whatever is measured: which candidate wins, the machine decides. */
@Tag("once")
class BestPrecisionTest {
  private static final Tolerance CLOSE =
      Tolerance.custom().named("close").limit(Metric.SQNR_DB, 25).build();
  private static final Tolerance EXACT =
      Tolerance.custom().named("hardly off").limit(Metric.SQNR_DB, 100).build();

  private static BestPrecision best(Dataset samples, Tolerance tolerance) {
    return Precision.best(samples).within(tolerance).budget(Duration.ofSeconds(6));
  }

  private static Compiler.Builder compiler(BestPrecision best) {
    return Compiler.forTarget(Target.fastestOf(Target.onnxRuntime())).precision(best);
  }

  private static List<Outcome> outcomes(CompilationReport report) {
    return report.candidates().stream().map(CompilationReport.Candidate::outcome).toList();
  }

  @Test
  void theResultIsRightAndTheReportTellsWhatWasTried(@TempDir Path folder) throws IOException {
    try (CompiledModel original = PrecisionTest.compiler(Precision.fp32()).compile(network());
        CompiledModel model =
            compiler(best(samples(60, 0), CLOSE))
                .profile(ShapeProfile.named("online").range("batch", 1, 64, 256))
                .build()
                .compile(network())) {
      assertTrue(Accuracy.compare(original, model, samples(40, 9000), CLOSE).passed());
      CompilationReport report = model.report();
      assertEquals(1, outcomes(report).stream().filter(Outcome.CHOSEN::equals).count());
      assertEquals(Outcome.CHOSEN, outcomes(report).get(0));
      String tried =
          report.candidates().stream().map(c -> c.precision()).collect(Collectors.joining(";"));
      for (String precision : List.of("INT8_DYNAMIC", "INT8, smoothed", "INT8")) {
        assertTrue(tried.contains(precision), tried);
      }
      assertTrue(report.toString().contains("64x64"), report::toString);
      assertTrue(report.took().compareTo(Duration.ofSeconds(60)) < 0, report::toString);
      assertEquals(report.chosen().orElseThrow().target(), model.target());
      report
          .chosen()
          .flatMap(CompilationReport.Candidate::gain)
          .ifPresent(g -> assertTrue(g.low() > 1, report::toString));
      writtenReportsTellIt(folder, model);
    }
  }

  private static void writtenReportsTellIt(Path folder, CompiledModel model) throws IOException {
    OptimizationReport written = OptimizationReport.builder("network").model(model).build();
    written.writeHtml(folder.resolve("report.html"));
    String html = Files.readString(folder.resolve("report.html"));
    assertTrue(html.contains("Ways to compile"), html);
    written.writeJson(folder.resolve("report.json"));
    JsonNode json = new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    JsonNode candidates = json.path("compilation").path("candidates");
    assertEquals(model.report().candidates().size(), candidates.size());
    assertEquals("CHOSEN", candidates.path(0).path("outcome").asText());
  }

  @Test
  void whatNoReducedPrecisionKeepsStaysInFloatingPoint() {
    try (CompiledModel original = PrecisionTest.compiler(Precision.fp32()).compile(network());
        CompiledModel model = compiler(best(samples(40, 0), EXACT)).build().compile(network());
        Tensor x = Tensor.of(random(3, 2 * WIDTH, 1), 2, WIDTH);
        Outputs expected = original.run(Map.of("x", x));
        Outputs actual = model.run(Map.of("x", x))) {
      assertArrayEquals(
          expected.tensor("y").toFloatArray(), actual.tensor("y").toFloatArray(), 1e-4f);
      assertTrue(
          model.report().candidates().stream()
              .filter(c -> c.precision().contains("INT8"))
              .noneMatch(c -> c.outcome() == Outcome.CHOSEN || c.outcome() == Outcome.SLOWER),
          model.report()::toString);
    }
  }

  private static OnnxModel elementwise() {
    GraphBuilder graph =
        Graph.builder("elementwise")
            .input(TensorSpec.of("x", DataType.FLOAT32, "batch, " + WIDTH))
            .output(TensorSpec.of("y", DataType.FLOAT32, "batch, " + WIDTH))
            .node(Node.of("Tanh", List.of("x"), List.of("a")))
            .node(Node.of("Add", List.of("a", "x"), List.of("y")));
    return OnnxModel.of(graph.build(), 17);
  }

  private static OnnxModel lookUp() {
    GraphBuilder graph =
        Graph.builder("look-up")
            .input(TensorSpec.of("i", DataType.INT64, "batch"))
            .output(TensorSpec.of("y", DataType.FLOAT32, "batch, 4"))
            .initializer(Initializer.floats("table", random(1, 40, 1), 10, 4))
            .node(Node.of("Gather", List.of("table", "i"), List.of("y")));
    return OnnxModel.of(graph.build(), 17);
  }

  /** Another number of threads may pay for any model; no precision does for these. */
  @Test
  void aModelWithNothingToQuantizeIsReturnedInItsOwnPrecision() {
    Dataset indices = Dataset.generated(20, i -> Map.of("i", Tensor.of(new long[] {i % 10}, 1)));
    for (var model : Map.of(elementwise(), samples(20, 0), lookUp(), indices).entrySet()) {
      long start = System.nanoTime();
      try (CompiledModel compiled =
          compiler(best(model.getValue(), CLOSE)).build().compile(model.getKey())) {
        assertTrue(
            compiled.report().chosen().orElseThrow().precision().startsWith("FP32"),
            compiled.report()::toString);
        assertFalse(compiled.report().verdict().isEmpty());
      }
      assertTrue(System.nanoTime() - start < Duration.ofSeconds(60).toNanos());
    }
  }

  @Test
  void onlyWhatIsAskedForIsTried() {
    BestPrecision dynamic =
        best(samples(20, 0), CLOSE)
            .among(Precision.int8Dynamic())
            .objective(Objective.throughput(2))
            .provedOn(samples(20, 500));
    try (CompiledModel model = compiler(dynamic).build().compile(network())) {
      assertTrue(
          model.report().candidates().stream()
              .allMatch(
                  c -> c.precision().contains("INT8_DYNAMIC") || c.precision().contains("given")),
          model.report()::toString);
      assertTrue(model.report().toString().contains("2 callers"), model.report()::toString);
    }
  }

  @Test
  void theFewestBytesWin() {
    // Time enough for one candidate at least on any machine.
    BestPrecision small =
        best(samples(20, 0), CLOSE)
            .objective(Objective.memory(1000))
            .budget(Duration.ofSeconds(20));
    try (CompiledModel model = compiler(small).build().compile(network())) {
      assertTrue(model.weightBytes().orElseThrow() < LAYERS_BYTES / 2, model::toString);
    }
  }

  private static final long LAYERS_BYTES =
      (long) PrecisionTest.LAYERS * (WIDTH * WIDTH + WIDTH) * Float.BYTES;

  @Test
  void aSearchGoesOnWhereItEnded(@TempDir Path folder) {
    Path file = folder.resolve("state.json");
    BestPrecision resumable = best(samples(20, 0), CLOSE).resume(file);
    String first;
    try (CompiledModel model = compiler(resumable).build().compile(network())) {
      first = model.report().chosen().orElseThrow().toString();
    }
    assertTrue(file.toFile().length() > 0);
    Compiler other = compiler(resumable).build();
    assertThrows(InfercException.class, () -> other.compile(elementwise()));
    Tensor rows = Tensor.of(random(5, 3 * WIDTH, 1), 3, WIDTH);
    RequestMix others = RequestMix.of(Workload.of("three rows", Map.of("x", rows)));
    Compiler measuredOnOthers = compiler(resumable.requests(others)).build();
    String refused =
        assertThrows(InfercException.class, () -> measuredOnOthers.compile(network())).getMessage();
    assertTrue(refused.contains("three rows"), refused);
    BestPrecision chosenByOthers = best(samples(20, 7), CLOSE).resume(file);
    Compiler ofOtherSamples = compiler(chosenByOthers).build();
    assertThrows(InfercException.class, () -> ofOtherSamples.compile(network()));
    assertFalse(first.isEmpty());
  }

  @Test
  void badQuestionsAreRefusedAtOnce() {
    Compiler.Builder noTolerance =
        Compiler.forTarget(Target.onnxRuntime()).precision(Precision.best(samples(20, 0)));
    String missing = assertThrows(IllegalStateException.class, noTolerance::build).getMessage();
    assertTrue(missing.contains("within("), missing);
    Compiler.Builder oneForAll =
        Compiler.forTarget(Target.fastest()).precision(Precision.int8Dynamic());
    String plain = assertThrows(IllegalStateException.class, oneForAll::build).getMessage();
    assertTrue(plain.contains("Precision.best"), plain);
    Compiler few = compiler(best(samples(9, 0), CLOSE)).build();
    String nine = assertThrows(InfercException.class, () -> few.compile(network())).getMessage();
    assertTrue(nine.contains("9 samples"), nine);
    Compiler any = compiler(best(samples(20, 0), CLOSE)).build();
    assertThrows(IllegalStateException.class, () -> any.rewriter(network()));
    assertThrows(
        IllegalStateException.class, () -> any.export(network(), Path.of("never-written.onnx")));
    Compiler.Builder unpriced =
        compiler(
            best(samples(20, 0), CLOSE).objective(Objective.cost(Map.of("elsewhere", 1.0), 1)));
    String price = assertThrows(IllegalStateException.class, unpriced::build).getMessage();
    assertTrue(price.contains("onnxruntime") && price.contains("elsewhere"), price);
    Compiler.Builder unknown =
        Compiler.forTarget(Target.onnxRuntime())
            .precision(Precision.int8Dynamic())
            .verify(Verification.measured());
    String requests = assertThrows(IllegalStateException.class, unknown::build).getMessage();
    assertTrue(requests.contains("requests("), requests);
  }

  private static Verification verification() {
    return Verification.measured()
        .requests(
            RequestMix.of(
                Workload.of(
                    "64 rows", Map.of("x", Tensor.of(random(5, 64 * WIDTH, 1), 64, WIDTH)))))
        .budget(Duration.ofSeconds(8));
  }

  @Test
  void whatDoesNotPayIsTakenBackAndTheReportSaysWhy() {
    Compiler verified =
        Compiler.forTarget(Target.onnxRuntime())
            .precision(Precision.int8Dynamic())
            .verify(verification())
            .build();
    try (CompiledModel original = PrecisionTest.compiler(Precision.fp32()).compile(network());
        CompiledModel model = verified.compile(network());
        Tensor x = Tensor.of(random(3, 2 * WIDTH, 1), 2, WIDTH);
        Outputs expected = original.run(Map.of("x", x));
        Outputs actual = model.run(Map.of("x", x))) {
      CompilationReport report = model.report();
      assertEquals(1, report.regions().size(), report::toString);
      CompilationReport.Region region = report.regions().get(0);
      assertEquals(PrecisionTest.LAYERS, region.layers().size());
      assertTrue(region.reason().contains(" ms ("), region::reason);
      assertTrue(region.reason().contains("% of the"), region::reason);
      boolean pays = report.chosen().orElseThrow().precision().contains("INT8_DYNAMIC");
      assertEquals(pays, region.kept(), report::toString);
      assertTrue(pays || !region.reason().contains("it stays"), report::toString);
      assertEquals(!pays, !model.warnings().isEmpty(), report::toString);
      float[] right = expected.tensor("y").toFloatArray();
      float[] got = actual.tensor("y").toFloatArray();
      if (pays) {
        assertNotEquals(List.of(right[0], right[1]), List.of(got[0], got[1]));
      } else {
        assertArrayEquals(right, got);
      }
    }
  }

  @Test
  void singlePrecisionHasNothingToVerify() {
    Compiler verified =
        Compiler.forTarget(Target.onnxRuntime()).verify(Verification.measured()).build();
    try (CompiledModel model = verified.compile(network())) {
      assertEquals(CompilationReport.none(), model.report());
    }
  }
}

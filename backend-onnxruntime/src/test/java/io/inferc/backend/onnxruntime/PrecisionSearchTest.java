package io.inferc.backend.onnxruntime;

import static io.inferc.backend.onnxruntime.PrecisionTest.WIDTH;
import static io.inferc.backend.onnxruntime.PrecisionTest.compiler;
import static io.inferc.backend.onnxruntime.PrecisionTest.random;
import static io.inferc.backend.onnxruntime.PrecisionTest.samples;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Workload;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.OptimizationReport;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.search.LayerCost;
import io.inferc.search.PlanRewriter;
import io.inferc.search.PrecisionSearch;
import io.inferc.search.SearchResult;
import io.inferc.search.SearchStep;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("once")
class PrecisionSearchTest {
  private static final BenchmarkOptions BRIEF =
      BenchmarkOptions.defaults()
          .withRounds(3)
          .withTimes(Duration.ofMillis(5), Duration.ofMillis(5));

  /** Three products with a skip connection over the middle one. */
  private static OnnxModel network() {
    GraphBuilder graph =
        Graph.builder("skip")
            .input(TensorSpec.of("x", DataType.FLOAT32, "batch, " + WIDTH))
            .output(TensorSpec.of("y", DataType.FLOAT32, "batch, " + WIDTH));
    for (int i = 0; i < 3; i++) {
      graph.initializer(Initializer.floats("w" + i, random(i, WIDTH * WIDTH, 0.15), WIDTH, WIDTH));
    }
    graph
        .node(Node.builder("MatMul").name("in").inputs("x", "w0").outputs("a").build())
        .node(Node.builder("MatMul").name("middle").inputs("a", "w1").outputs("b").build())
        .node(Node.builder("Add").name("skip").inputs("a", "b").outputs("c").build())
        .node(Node.builder("MatMul").name("out").inputs("c", "w2").outputs("y").build());
    return OnnxModel.of(graph.build(), 17);
  }

  private static PrecisionSearch search(Compiler compiler, ModelRewriter rewriter, Tensor x) {
    return compiler
        .search(network(), rewriter)
        .samples(samples(10, 5000), Tolerance.custom().limit(Metric.SQNR_DB, 20).build())
        .workload(Workload.of("two rows", Map.of("x", x)))
        .measurement(BRIEF, BRIEF)
        .budget(Duration.ofSeconds(30));
  }

  /** A layer behind a switch does to the outputs what it does when it is compiled by itself. */
  @Test
  void layersAreRankedAsIfEachWasCompiledAlone() {
    Compiler compiler = compiler(Precision.int8(samples(60, 0)));
    ModelRewriter rewriter = compiler.rewriter(network());
    try (Tensor x = Tensor.of(random(1, 2 * WIDTH, 1), 2, WIDTH);
        CompiledModel original = compiler(Precision.fp32()).compile(network())) {
      SearchResult result = search(compiler, rewriter, x).run();
      assertEquals(6, result.layers().size(), result.toString());
      for (LayerCost cost : result.layers()) {
        LayerPlan alone =
            new LayerPlan(Map.of(cost.node(), new LayerDecision(cost.precision(), "alone")));
        try (CompiledModel compiled = compiler(Precision.fp32()).compile(rewriter.rewrite(alone))) {
          double sqnr =
              Accuracy.compare(original, compiled, samples(10, 5000), Tolerance.regression())
                  .outputs()
                  .get(0)
                  .metric(Metric.SQNR_DB)
                  .orElseThrow();
          // Integer kernels round where Q and DQ by themselves do, but for ties.
          assertEquals(sqnr, cost.sqnrDb(), 1.5, cost.toString());
        }
      }
      double last = Double.NEGATIVE_INFINITY;
      for (LayerCost cost : result.layers()) {
        assertTrue(cost.sqnrDb() >= last, "the most harmful first: " + result);
        last = cost.sqnrDb();
      }
    }
  }

  @Test
  void aResumedSearchGoesOnFromWhatWasMeasured(@TempDir Path folder) {
    Compiler compiler = compiler(Precision.int8(samples(60, 0)));
    ModelRewriter rewriter = compiler.rewriter(network());
    try (Tensor x = Tensor.of(random(1, 2 * WIDTH, 1), 2, WIDTH)) {
      Path state = folder.resolve("state.json");
      SearchResult first = search(compiler, rewriter, x).resume(state).run();
      List<String> tried = new ArrayList<>();
      SearchResult second =
          search(compiler, rewriter, x)
              .resume(state)
              .progress((stage, what, done, total) -> tried.add(what))
              .run();
      assertEquals(
          first.steps().stream().map(SearchStep::seconds).toList(),
          second.steps().stream().limit(first.steps().size()).map(SearchStep::seconds).toList(),
          "improvements keep the time at which they were found");
      assertEquals(first.plan(), second.plan());
      assertTrue(
          tried.stream().noneMatch(t -> t.startsWith("judged 1 of")), "nothing judged twice");
      assertEquals(
          first.layers().stream().map(LayerCost::sqnrDb).toList(),
          second.layers().stream().map(LayerCost::sqnrDb).toList());
    }
  }

  @Test
  void whatDoesNotPayIsNotUsed() {
    Compiler compiler = compiler(Precision.int8Dynamic());
    ModelRewriter rewriter = compiler.rewriter(network());
    try (Tensor x = Tensor.of(random(1, 2 * WIDTH, 1), 2, WIDTH)) {
      SearchResult result =
          search(compiler, rewriter, x)
              .samples(samples(10, 5000), Tolerance.custom().limit(Metric.SQNR_DB, 110).build())
              .run();
      assertTrue(!result.reduces(), result.verdict());
      assertEquals(result.asGiven(), result.verdict().contains("as it was given"));
      assertEquals(
          new HashSet<>(rewriter.candidates().keySet()),
          new HashSet<>(result.plan().decisions().keySet()));
    }
  }

  /** A rewrite that costs far more than the whole network takes, and changes no value. */
  private static OnnxModel burdened(OnnxModel model) {
    int wide = 1024;
    GraphEditor editor = model.graph().edit();
    editor.putInitializer(Initializer.floats("widen", new float[WIDTH * wide], WIDTH, wide));
    editor.putInitializer(Initializer.floats("heavy", new float[wide * wide], wide, wide));
    editor.putInitializer(Initializer.floats("narrow", new float[wide * WIDTH], wide, WIDTH));
    Node reader = editor.consumers("x").get(0);
    editor.insertBefore(
        reader,
        Node.of("MatMul", List.of("x", "widen"), List.of("h0")),
        Node.of("MatMul", List.of("h0", "heavy"), List.of("h1")),
        Node.of("MatMul", List.of("h1", "heavy"), List.of("h2")),
        Node.of("MatMul", List.of("h2", "narrow"), List.of("zeros")),
        Node.of("Add", List.of("x", "zeros"), List.of("same")));
    editor.replace(reader, reader.mapReads(name -> name.equals("x") ? "same" : name));
    return model.withGraph(editor.build());
  }

  private static SearchResult searched(PlanRewriter rewriter, ModelRewriter candidates, Tensor x) {
    BackendRegistry.Opened opened = BackendRegistry.discover().open(Target.onnxRuntime());
    return PrecisionSearch.of(network(), rewriter, candidates.candidates())
        .on(opened.backend(), opened.choice(), List.of())
        .samples(samples(10, 5000), Tolerance.custom().limit(Metric.SQNR_DB, 20).build())
        .workload(Workload.of("two rows", Map.of("x", x)))
        .measurement(BRIEF, BRIEF)
        .budget(Duration.ofSeconds(30))
        .run();
  }

  private static boolean quantizes(OnnxModel model) {
    return model.graph().nodes().stream().anyMatch(n -> n.opType().endsWith("QuantizeLinear"));
  }

  @Test
  void whereNothingIsFasterTheModelStaysAsItWasGivenAndEveryReportSaysSo(@TempDir Path folder)
      throws IOException {
    ModelRewriter rewriter = compiler(Precision.int8(samples(60, 0))).rewriter(network());
    try (Tensor x = Tensor.of(random(1, 2 * WIDTH, 1), 2, WIDTH)) {
      SearchResult result = searched(plan -> burdened(rewriter.rewrite(plan)), rewriter, x);
      assertTrue(result.asGiven() && !result.reduces(), result.toString());
      assertEquals(network().digest(), result.model().digest());
      // Short turns on a busy machine have wide intervals, but the burden is a hundred times the
      // rest.
      assertTrue(result.benchmark().latencyRatio().ratio() < 0.5, result.toString());
      assertTrue(result.layers().stream().noneMatch(LayerCost::chosen), result.toString());
      String says = "Reduced precision does not pay here, so the model stays as it was given";
      assertTrue(result.toString().startsWith(says), result.toString());
      OptimizationReport report = OptimizationReport.builder("network").search(result).build();
      report.writeHtml(folder.resolve("report.html"));
      report.writeJson(folder.resolve("report.json"));
      String html = Files.readString(folder.resolve("report.html"));
      assertTrue(html.contains("<p>" + says), html);
      String json = Files.readString(folder.resolve("report.json"));
      assertTrue(json.contains("\"verdict\" : \"" + says), json);
      assertTrue(json.contains("\"asGiven\" : true") && !json.contains("\"chosen\" : true"), json);
    }
  }

  @Test
  void integersThatAreSlowerAreNotUsedEvenIfTheCleanUpPays() {
    ModelRewriter rewriter = compiler(Precision.int8(samples(60, 0))).rewriter(network());
    try (Tensor x = Tensor.of(random(1, 2 * WIDTH, 1), 2, WIDTH)) {
      SearchResult result =
          searched(
              plan -> {
                OnnxModel rewritten = rewriter.rewrite(plan);
                return quantizes(rewritten) ? burdened(rewritten) : rewritten;
              },
              rewriter,
              x);
      assertFalse(result.reduces(), result.toString());
      assertFalse(quantizes(result.model()));
      String says = result.asGiven() ? "Reduced precision does not pay" : "No layer has a reduced";
      assertTrue(result.verdict().startsWith(says), result.verdict());
    }
  }
}

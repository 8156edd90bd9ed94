package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.accuracy.LayerDiff;
import io.inferc.accuracy.LayerDiffReport;
import io.inferc.accuracy.LayerDrift;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LayerDiffTest {
  private static final int WIDTH = 16;
  private static final int LAYERS = 5;

  /** Layers fc0..fc4 of MatMul and Tanh each, with a residual Add over the last. */
  private static OnnxModel network() {
    Random random = new Random(3);
    GraphBuilder graph =
        Graph.builder("network").input(TensorSpec.of("x", DataType.FLOAT32, "rows, " + WIDTH));
    String from = "x";
    for (int i = 0; i < LAYERS; i++) {
      float[] weights = new float[WIDTH * WIDTH];
      for (int w = 0; w < weights.length; w++) {
        weights[w] = (float) (random.nextGaussian() / Math.sqrt(WIDTH));
      }
      graph.initializer(Initializer.floats("w" + i, weights, WIDTH, WIDTH));
      graph.node(node("MatMul", "fc" + i, "h" + i, from, "w" + i));
      graph.node(node("Tanh", "tanh" + i, "a" + i, "h" + i));
      from = "a" + i;
    }
    graph.node(node("Shape", "shape", "size", from));
    graph.node(node("Add", "sum", "y", from, "a0"));
    graph.output(TensorSpec.of("y", DataType.FLOAT32, "rows, " + WIDTH));
    return OnnxModel.of(graph.build(), 17);
  }

  private static Node node(String operator, String name, String output, String... inputs) {
    return Node.builder(operator).name(name).inputs(inputs).outputs(output).build();
  }

  /** Adds an error to the weights of one layer, relative to their size. */
  private static OnnxModel damaged(OnnxModel model, int layer, double error) {
    Random random = new Random(9);
    Initializer weights = model.graph().initializer("w" + layer).orElseThrow();
    float[] values = weights.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (error * random.nextGaussian() / Math.sqrt(WIDTH));
    }
    GraphEditor editor = model.graph().edit();
    editor.putInitializer(Initializer.floats(weights.name(), values, weights.dims()));
    return model.withGraph(editor.build());
  }

  private static Dataset samples(int count) {
    return Dataset.generated(
        count,
        i -> {
          Random random = new Random(i);
          float[] values = new float[(int) (i + 1) * WIDTH];
          for (int v = 0; v < values.length; v++) {
            values[v] = (float) random.nextGaussian();
          }
          return Map.of("x", Tensor.of(values, i + 1, WIDTH));
        });
  }

  private static LayerDiff diff(OnnxModel original, OnnxModel changed) {
    BackendRegistry.Opened opened = BackendRegistry.discover().open(Target.onnxRuntime());
    return LayerDiff.between(original, changed, opened.backend(), opened.choice());
  }

  @Test
  void theDamagedLayerIsNamedAsTheFirstThatDriftsAndAsTheGreatestLoss() {
    for (int layer = 0; layer < LAYERS; layer++) {
      LayerDiffReport report = diff(network(), damaged(network(), layer, 0.5)).run(samples(4));
      LayerDrift first = report.firstDrift().orElseThrow();
      assertEquals("fc" + layer, first.node());
      assertEquals("h" + layer, first.tensor());
      assertEquals("MatMul", first.operator());
      assertEquals("fc" + layer, report.greatestLosses(1).get(0).node());
      assertTrue(report.toString().contains("fc" + layer), report.toString());
    }
  }

  @Test
  void layersAfterTheDamageCarryTheErrorButLoseLittleThemselves() {
    LayerDiffReport report = diff(network(), damaged(network(), 1, 0.5)).run(samples(4));
    LayerDrift next =
        report.layers().stream().filter(l -> l.node().equals("fc2")).findFirst().orElseThrow();
    LayerDrift damaged =
        report.layers().stream().filter(l -> l.node().equals("fc1")).findFirst().orElseThrow();
    assertTrue(next.sqnrDb() < 20, next.toString());
    assertTrue(next.lossDb() < damaged.lossDb() / 4, next + " after " + damaged);
  }

  @Test
  void tensorsAreComparedInTheOrderOfTheGraphAndIntegersAreNot() {
    LayerDiffReport report = diff(network(), network()).run(samples(2));
    assertEquals(
        List.of("h0", "a0", "h1", "a1", "h2", "a2", "h3", "a3", "h4", "a4", "y"),
        report.layers().stream().map(LayerDrift::tensor).toList());
    assertEquals(List.of("size"), report.skipped());
    assertEquals(2, report.samples());
    assertTrue(report.firstDrift().isEmpty());
    assertEquals(List.of(), report.greatestLosses(3));
    assertTrue(report.toString().contains("all within the limits"), report.toString());
  }

  @Test
  void aSmallErrorDriftsOnlyUnderStrictLimits() {
    LayerDiff diff = diff(network(), damaged(network(), 2, 0.001));
    assertTrue(diff.run(samples(3)).firstDrift().isEmpty());
    assertEquals("fc2", diff.limits(100, 0.9).run(samples(3)).firstDrift().orElseThrow().node());
  }

  @Test
  void groupsGiveTheSameResultAndVisitTheSamplesOnceEach() {
    AtomicInteger made = new AtomicInteger();
    Dataset counted =
        Dataset.generated(
            2,
            i -> {
              made.incrementAndGet();
              float[] values = new float[WIDTH];
              values[(int) i] = 1;
              return Map.of("x", Tensor.of(values, 1, WIDTH));
            });
    OnnxModel damaged = damaged(network(), 3, 0.5);
    LayerDiffReport whole = diff(network(), damaged).run(counted);
    assertEquals(2, made.getAndSet(0));
    assertEquals(whole, diff(network(), damaged).tensorsAtOnce(4).run(counted));
    assertEquals(6, made.get());
  }

  @Test
  void roundingBetweenLayersIsFoundThoughTheTensorKeepsItsName() {
    GraphEditor editor = network().graph().edit();
    Node reader = editor.consumers("a2").get(0);
    editor.putInitializer(Initializer.floats("step", new float[] {0.9f}));
    editor.putInitializer(Initializer.longs("zero", DataType.INT8, new long[] {0}));
    editor.insertBefore(
        reader,
        Node.of("QuantizeLinear", List.of("a2", "step", "zero"), List.of("a2_q")),
        Node.of("DequantizeLinear", List.of("a2_q", "step", "zero"), List.of("a2_dq")));
    editor.replace(
        editor.current(reader).orElseThrow(), node("MatMul", "fc3", "h3", "a2_dq", "w3"));
    OnnxModel rounded = network().withGraph(editor.build());
    assertEquals(List.of(), rounded.check());
    assertEquals("fc3", diff(network(), rounded).run(samples(4)).firstDrift().orElseThrow().node());
  }

  @Test
  void aNodeWithoutANameIsCalledByItsTensorAndNaNBreaksEveryLimit() {
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, "rows, " + WIDTH))
            .initializer(Initializer.floats("c", new float[] {1}))
            .node(Node.of("Abs", List.of("x"), List.of("positive")))
            .node(Node.of("Add", List.of("positive", "c"), List.of("y")))
            .output(TensorSpec.of("y", DataType.FLOAT32, "rows, " + WIDTH))
            .build();
    GraphEditor editor = graph.edit();
    editor.putInitializer(Initializer.floats("c", new float[] {Float.NaN}));
    OnnxModel original = OnnxModel.of(graph, 17);
    LayerDiffReport report =
        diff(original, original.withGraph(editor.build()))
            .limits(Double.NEGATIVE_INFINITY, -1)
            .run(samples(1));
    LayerDrift first = report.firstDrift().orElseThrow();
    assertEquals("y", first.node());
    assertEquals(WIDTH, first.brokenElements());
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    OnnxModel model = network();
    assertThrows(InfercException.class, () -> diff(model, model).run(samples(0)));
    OnnxModel stranger =
        OnnxModel.of(
            Graph.builder("stranger")
                .input(TensorSpec.of("x", DataType.FLOAT32, "rows, " + WIDTH))
                .node(Node.of("Abs", List.of("x"), List.of("z")))
                .output(TensorSpec.of("z", DataType.FLOAT32, "rows, " + WIDTH))
                .build(),
            17);
    InfercException e =
        assertThrows(InfercException.class, () -> diff(model, stranger).run(samples(1)));
    assertTrue(e.getMessage().contains("same name"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> diff(model, model).tensorsAtOnce(0));
    assertThrows(IllegalArgumentException.class, () -> diff(model, model).limits(20, 2));
  }

  @Test
  void aCancelledComparisonStops() {
    Cancellation cancellation = new Cancellation();
    AtomicInteger seen = new AtomicInteger();
    LayerDiff diff =
        diff(network(), network())
            .cancellation(cancellation)
            .progress(
                (stage, task, done, total) -> {
                  seen.incrementAndGet();
                  cancellation.cancel();
                });
    assertThrows(CancelledException.class, () -> diff.run(samples(5)));
    assertEquals(1, seen.get());
  }
}

package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class AttentionFusionTest {
  private static final int BATCH = 2;
  private static final int LENGTH = 5;
  private static final int HEADS = 2;
  private static final int WIDTH = 3;
  private static final String SPLIT = "batch, length, 2, 3";
  private static final Attribute FORTH = Attribute.ofInts("perm", 0, 2, 1, 3);

  private static TensorSpec spec(String name, String shape) {
    return TensorSpec.of(name, DataType.FLOAT32, shape);
  }

  /** Queries, keys and values in heads. */
  private static GraphBuilder heads(boolean declared) {
    GraphBuilder graph =
        Graph.builder("attention")
            .input(spec("q", "batch, length, 6"))
            .input(spec("k", "batch, length, 6"))
            .input(spec("v", "batch, length, 6"))
            .initializer(longs("heads", 0, 0, HEADS, WIDTH))
            .initializer(longs("all", 0, 0, HEADS * WIDTH));
    for (String of : List.of("q", "k", "v")) {
      graph.node(node(of + "4", "Reshape", List.of(of, "heads")));
      if (declared) {
        graph.valueInfo(spec(of + "4", SPLIT));
      }
    }
    return graph
        .node(node("qt", "Transpose", List.of("q4"), FORTH))
        .node(node("kt", "Transpose", List.of("k4"), Attribute.ofInts("perm", 0, 2, 3, 1)))
        .node(node("vt", "Transpose", List.of("v4"), FORTH))
        .node(node("product", "MatMul", List.of("qt", "kt")))
        .valueInfo(spec("product", "batch, 2, length, length"))
        .valueInfo(spec("scores", "batch, 2, length, length"));
  }

  /** From the masked scores to the result. */
  private static GraphBuilder values(GraphBuilder graph, String scores) {
    return graph
        .node(node("weights", "Softmax", List.of(scores), Attribute.of("axis", -1)))
        .node(node("sums", "MatMul", List.of("weights", "vt")))
        .node(node("back", "Transpose", List.of("sums"), FORTH))
        .node(node("y", "Reshape", List.of("back", "all")))
        .valueInfo(spec("y", "batch, length, 6"));
  }

  private static OnnxModel model(GraphBuilder graph) {
    return OnnxModel.of(graph.output(spec("y", "batch, length, 6")).build(), 13);
  }

  /** Attention with the usual mask of a batch of texts. */
  private static GraphBuilder masked(GraphBuilder graph, String maskShape) {
    return values(
        graph
            .input(spec("mask", maskShape))
            .initializer(scalar("divisor", 1.7))
            .node(node("scaled", "Div", List.of("product", "divisor")))
            .node(node("scores", "Add", List.of("scaled", "mask"))),
        "scores");
  }

  private static OnnxModel masked() {
    return model(masked(heads(true), "batch, 1, 1, length"));
  }

  private static Tensor random(int seed) {
    Random random = new Random(seed);
    float[] values = new float[BATCH * LENGTH * HEADS * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, BATCH, LENGTH, HEADS * WIDTH);
  }

  private static Map<String, Tensor> inputs() {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("q", random(1));
    inputs.put("k", random(2));
    inputs.put("v", random(3));
    return inputs;
  }

  private static Map<String, Tensor> inputs(float last) {
    float[] mask = new float[BATCH * LENGTH];
    mask[mask.length - 1] = last;
    Map<String, Tensor> inputs = inputs();
    inputs.put("mask", Tensor.of(mask, BATCH, 1, 1, LENGTH));
    return inputs;
  }

  private static PassFixture fixture(OnnxModel model) {
    return PassFixture.of(new AttentionFusion()).model(model);
  }

  @Test
  void aKernelComputesItWhereTheMaskMasksNothing() {
    PassFixture fixture = fixture(masked()).checkChanged().checkIdempotent().checkValid();
    assertEquals(List.of("Abs", "ReduceSum", "Equal", "If"), operators(fixture.after().graph()));
    Node choice = fixture.after().graph().nodes().get(3);
    assertEquals(List.of("MultiHeadAttention"), operators(choice.subgraphs().get(0)));
    assertEquals(
        operators(masked().graph()).stream().sorted().toList(),
        operators(choice.subgraphs().get(1)).stream().sorted().toList());
    for (float last : new float[] {0, -10_000, Float.NEGATIVE_INFINITY, 0.5f, Float.NaN}) {
      fixture.checkEquivalent(1e-5, inputs(last));
    }
    fixture.checkNote("y", RewriteNote.Kind.CHANGED, "where nothing is masked");
  }

  private static List<String> operators(Graph graph) {
    return graph.nodes().stream().map(Node::opType).toList();
  }

  @Test
  void anEmptyBatchIsServedAsBefore() {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String of : List.of("q", "k", "v")) {
      inputs.put(of, Tensor.of(new float[0], 0, LENGTH, HEADS * WIDTH));
    }
    inputs.put("mask", Tensor.of(new float[0], 0, 1, 1, LENGTH));
    fixture(masked()).checkEquivalent(0, inputs);
  }

  @Test
  void withoutAMaskTheKernelReplacesIt() {
    OnnxModel model = model(values(heads(true), "product"));
    PassFixture fixture =
        fixture(model)
            .check(
                """
                const heads: INT64[4] = [0, 0, 2, 3]
                const all: INT64[3] = [0, 0, 6]
                y_attention: com.microsoft.MultiHeadAttention(q, k, v) -> y {num_heads=2, scale=1.0}
                return y
                """)
            .checkIdempotent()
            .checkValid();
    fixture.checkEquivalent(1e-5, inputs());
  }

  @Test
  void keysMayBeTransposedInTwoSteps() {
    GraphBuilder graph = Graph.builder("attention");
    Graph before = heads(true).build();
    before.inputs().forEach(i -> graph.input(i.tensor().orElseThrow()));
    before.initializers().forEach(graph::initializer);
    before.valueInfos().forEach(v -> graph.valueInfo(v.tensor().orElseThrow()));
    for (Node n : before.nodes()) {
      if (n.name().equals("kt")) {
        graph.node(node("k_forth", "Transpose", List.of("k4"), FORTH));
        graph.node(
            node("kt", "Transpose", List.of("k_forth"), Attribute.ofInts("perm", 0, 1, 3, 2)));
      } else {
        graph.node(n);
      }
    }
    fixture(model(values(graph, "product"))).checkChanged().checkEquivalent(1e-5, inputs());
  }

  @Test
  void shapesThatAreComputedAreNoObstacle() {
    UnaryOperator<GraphBuilder> computed =
        graph ->
            graph
                .node(node("weights", "Softmax", List.of("product"), Attribute.of("axis", -1)))
                .node(node("sums", "MatMul", List.of("weights", "vt")))
                .node(node("back", "Transpose", List.of("sums"), FORTH))
                .node(node("sizes", "Shape", List.of("back")))
                .initializer(longs("first", 0, 1))
                .initializer(longs("six", HEADS * WIDTH))
                .node(node("kept", "Gather", List.of("sizes", "first")))
                .node(node("joined", "Concat", List.of("kept", "six"), Attribute.of("axis", 0)))
                .node(node("y", "Reshape", List.of("back", "joined")));
    PassFixture fixture = fixture(model(computed.apply(heads(true))));
    assertEquals(List.of("MultiHeadAttention"), operators(fixture.after().graph()));
    fixture.checkValid().checkEquivalent(1e-5, inputs());
  }

  @Test
  void layersShareTheQuestionWhetherAMaskMasksAnything() {
    GraphBuilder graph = masked(heads(true), "batch, 1, 1, length");
    // The same once more, on what the first has made.
    for (Node n : masked().graph().nodes()) {
      Node next = n.mapReads(r -> Map.of("q", "y", "k", "y", "v", "y").getOrDefault(r, again(r)));
      String[] outputs = n.outputs().stream().map(o -> o + "_2").toArray(String[]::new);
      graph.node(next.toBuilder().name(n.name() + "_2").outputs(outputs).build());
    }
    for (String of : List.of("q4", "k4", "v4")) {
      graph.valueInfo(spec(of + "_2", SPLIT));
    }
    graph.valueInfo(spec("product_2", "batch, 2, length, length"));
    graph.valueInfo(spec("scores_2", "batch, 2, length, length"));
    OnnxModel model = OnnxModel.of(graph.output(spec("y_2", "batch, length, 6")).build(), 13);
    PassFixture fixture = fixture(model).checkIdempotent().checkValid();
    assertEquals(
        List.of("Abs", "ReduceSum", "Equal", "If", "If"), operators(fixture.after().graph()));
    fixture.checkEquivalent(1e-5, inputs(0)).checkEquivalent(1e-5, inputs(-10_000));
  }

  private static String again(String tensor) {
    return List.of("heads", "all", "mask", "divisor").contains(tensor) ? tensor : tensor + "_2";
  }

  @Test
  void whatIsNotSurelyAttentionStays() {
    // Shapes are declared, but not proved.
    fixture(unproved())
        .checkUnchanged()
        .checkNote("weights", RewriteNote.Kind.LEFT_ALONE, "proved");
    // A mask that is part of the model masks something.
    float[] triangle = new float[LENGTH * LENGTH];
    Arrays.fill(triangle, 1, LENGTH, -10_000);
    fixture(
            model(
                values(
                    heads(true)
                        .initializer(Initializer.floats("mask", triangle, LENGTH, LENGTH))
                        .node(node("scores", "Add", List.of("product", "mask"))),
                    "scores")))
        .checkUnchanged();
    // Somebody else reads the weights.
    GraphBuilder read = values(heads(true), "product");
    OnnxModel shown =
        OnnxModel.of(
            read.output(spec("y", "batch, length, 6")).output(floats("weights")).build(), 13);
    fixture(shown).checkUnchanged();
    // Normalized over other positions.
    GraphBuilder other =
        heads(true)
            .node(node("weights", "Softmax", List.of("product"), Attribute.of("axis", 2)))
            .node(node("sums", "MatMul", List.of("weights", "vt")))
            .node(node("back", "Transpose", List.of("sums"), FORTH))
            .node(node("y", "Reshape", List.of("back", "all")));
    fixture(model(other)).checkUnchanged();
  }

  /** The graph with the shape to reshape queries to as an input. */
  private static OnnxModel unproved() {
    Graph before = masked().graph();
    GraphBuilder graph = Graph.builder("attention").input(TensorSpec.of("s", DataType.INT64, "4"));
    before.inputs().forEach(i -> graph.input(i.tensor().orElseThrow()));
    before.initializers().forEach(graph::initializer);
    before.nodes().stream()
        .map(n -> n.name().equals("q4") ? node("q4", "Reshape", List.of("q", "s")) : n)
        .forEach(graph::node);
    before.valueInfos().forEach(v -> graph.valueInfo(v.tensor().orElseThrow()));
    return model(graph);
  }

  /** The graph with other shapes declared for keys and values. */
  private static OnnxModel withBatchOfKeys(String batch) {
    GraphBuilder graph = Graph.builder("attention");
    Graph before = model(values(heads(true), "product")).graph();
    before.inputs().stream()
        .map(i -> i.tensor().orElseThrow())
        .map(i -> i.name().equals("q") ? i : spec(i.name(), batch + ", length, 6"))
        .forEach(graph::input);
    before.initializers().forEach(graph::initializer);
    before.nodes().forEach(graph::node);
    before.valueInfos().stream()
        .map(v -> v.tensor().orElseThrow())
        .map(v -> v.name().matches("[kv]4") ? spec(v.name(), batch + ", length, 2, 3") : v)
        .forEach(graph::valueInfo);
    return model(graph);
  }

  @Test
  void keysOfAnotherBatchAreNotForTheKernel() {
    fixture(withBatchOfKeys("batch")).checkChanged().checkEquivalent(1e-5, inputs());
    fixture(withBatchOfKeys("1")).checkUnchanged();
    fixture(withBatchOfKeys("memories")).checkUnchanged();
    fixture(withBatchOfKeys("?")).checkUnchanged();
  }

  @Test
  void scoresThatAreSpreadOverAMaskStay() {
    GraphBuilder graph = Graph.builder("attention");
    Graph before = heads(true).build();
    before.inputs().forEach(i -> graph.input(i.tensor().orElseThrow()));
    before.initializers().forEach(graph::initializer);
    before.nodes().forEach(graph::node);
    before.valueInfos().stream()
        .map(v -> v.tensor().orElseThrow())
        .filter(v -> !v.name().equals("scores"))
        .forEach(graph::valueInfo);
    graph.valueInfo(spec("scores", "texts, 2, length, length"));
    fixture(model(masked(graph, "texts, 1, 1, length"))).checkUnchanged();
  }
}

package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import io.inferc.testing.TestGraphs;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HardSwishFusionTest {
  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new HardSwishFusion()).model(model);
  }

  private static GraphBuilder constants(GraphBuilder graph, long... dimsOfThree) {
    return graph
        .initializer(Initializer.floats("three", new float[] {3}, dimsOfThree))
        .initializer(Initializer.floats("zero", new float[] {0}))
        .initializer(Initializer.floats("six", new float[] {6}));
  }

  private static GraphBuilder hardSwish(GraphBuilder graph) {
    return graph
        .node(node("shift", "Add", List.of("x", "three")))
        .node(node("clip", "Clip", List.of("shift", "zero", "six")))
        .node(node("product", "Mul", List.of("x", "clip")))
        .node(node("y", "Div", List.of("product", "six")));
  }

  private static List<String> operators(PassFixture fixture) {
    return fixture.after().graph().nodes().stream().map(Node::opType).toList();
  }

  @Test
  void fourNodesBecomeTwo() {
    PassFixture fixture = apply(model(13, "n, 4", g -> hardSwish(constants(g)))).checkSound(1e-5);
    assertEquals(List.of("HardSigmoid", "Mul"), operators(fixture));
    float[] edges = {
      Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, 3, -3, 1e30f, -1e-40f
    };
    fixture.checkEquivalent(1e-5, Map.of("x", Tensor.of(edges, 2, 4)));
  }

  @Test
  void constantsWithMoreDimensionsThanXWouldChangeTheShapeOfTheResult() {
    apply(model(13, "n", g -> hardSwish(constants(g, 1, 1)))).checkUnchanged();
    apply(model(13, "n, 4", g -> hardSwish(constants(g, 1, 1)))).checkChanged().checkSound(1e-5);
    // Of a rank that nobody declares, but a convolution makes no less than three.
    UnaryOfGraph behindConvolution =
        g ->
            constants(g, 1)
                .initializer(TestGraphs.weights("w", 2, 2, 1))
                .node(node("conv", "Conv", List.of("x", "w")))
                .node(node("shift", "Add", List.of("conv", "three")))
                .node(node("clip", "Clip", List.of("shift", "zero", "six")))
                .node(node("product", "Mul", List.of("conv", "clip")))
                .node(node("y", "Div", List.of("product", "six")));
    apply(model(13, "n, 2, 5", behindConvolution::apply)).checkChanged().checkSound(1e-5);
  }

  private interface UnaryOfGraph {
    GraphBuilder apply(GraphBuilder graph);
  }

  @Test
  void nearMissesStay() {
    // Another reader of the sum.
    apply(model(13, "4", g -> hardSwish(constants(g)).output(floats("shift")))).checkUnchanged();
    // A bound that callers may replace.
    apply(
            model(
                13,
                "4",
                g -> hardSwish(constants(g).input(TensorSpec.of("six", DataType.FLOAT32, "")))))
        .checkUnchanged();
    // x is not what was shifted.
    apply(
            model(
                13,
                "4",
                g ->
                    constants(g)
                        .node(node("other", "Neg", List.of("x")))
                        .node(node("shift", "Add", List.of("other", "three")))
                        .node(node("clip", "Clip", List.of("shift", "zero", "six")))
                        .node(node("product", "Mul", List.of("x", "clip")))
                        .node(node("y", "Div", List.of("product", "six")))))
        .checkUnchanged();
    // Six divided by it.
    apply(
            model(
                13,
                "4",
                g ->
                    constants(g)
                        .node(node("shift", "Add", List.of("x", "three")))
                        .node(node("clip", "Clip", List.of("shift", "zero", "six")))
                        .node(node("product", "Mul", List.of("x", "clip")))
                        .node(node("y", "Div", List.of("six", "product")))))
        .checkUnchanged();
    // Cut at other numbers.
    apply(
            model(
                13,
                "4",
                g ->
                    constants(g)
                        .initializer(scalar("five", 5))
                        .node(node("shift", "Add", List.of("x", "three")))
                        .node(node("clip", "Clip", List.of("shift", "zero", "five")))
                        .node(node("product", "Mul", List.of("x", "clip")))
                        .node(node("y", "Div", List.of("product", "six")))))
        .checkUnchanged();
  }

  @Test
  void operatorsOfOtherDomainsAreNotWhatTheyAreCalled() {
    OnnxModel model = model(13, "4", g -> hardSwish(constants(g)));
    Graph graph = model.graph();
    Node shift = graph.nodes().get(0);
    OnnxModel foreign =
        model.withGraph(
            graph.edit().replace(shift, shift.toBuilder().domain("own").build()).build());
    apply(foreign.withOpset("own", 1)).checkUnchanged();
  }

  @Test
  void graphsInsideNodesAreLookedIntoToo() {
    Graph branch = hardSwish(Graph.builder("branch")).output(ValueInfo.untyped("y")).build();
    Graph other =
        Graph.builder("other")
            .node(node("kept", "Identity", List.of("x")))
            .output(ValueInfo.untyped("kept"))
            .build();
    OnnxModel model =
        OnnxModel.of(
            constants(Graph.builder("test"))
                .input(TensorSpec.of("x", DataType.FLOAT32, "4"))
                .input(TensorSpec.of("wanted", DataType.BOOL, ""))
                .node(
                    node(
                        "result",
                        "If",
                        List.of("wanted"),
                        Attribute.of("then_branch", branch),
                        Attribute.of("else_branch", other)))
                .output(floats("result"))
                .build(),
            13);
    PassFixture fixture = apply(model).checkChanged().checkIdempotent().checkValid();
    try (Tensor x = Tensor.of(new float[] {-5, -1, 2, 9}, 4)) {
      for (boolean wanted : new boolean[] {true, false}) {
        fixture.checkEquivalent(1e-6, Map.of("x", x, "wanted", Tensor.of(new boolean[] {wanted})));
      }
    }
  }
}

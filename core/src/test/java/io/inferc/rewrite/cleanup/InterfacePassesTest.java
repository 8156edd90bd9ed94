package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote.Kind;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The passes that change how nodes, tensors and inputs are named and declared, not what is run. */
class InterfacePassesTest {
  @Test
  void nodesWithoutANameOfTheirOwnGetOne() {
    OnnxModel model =
        model(
            17,
            "n",
            g ->
                g.node(Node.of("Relu", List.of("x"), List.of("a")))
                    .node(node("y", "Neg", List.of("a")).toBuilder().name("same").build())
                    .node(node("z", "Abs", List.of("a")).toBuilder().name("same").build())
                    .output(floats("z")));
    PassFixture.of(new UniqueNames())
        .model(model)
        .check(
            """
            a: Relu(x) -> a
            same: Neg(a) -> y
            same_1: Abs(a) -> z
            return z, y
            """)
        .checkNote("same_1", Kind.CHANGED, "given a name")
        .checkValid();
  }

  @Test
  void constantsThatCallersCouldReplaceAreFixed() {
    OnnxModel model =
        model(
            17,
            "n",
            g ->
                g.input(TensorSpec.of("w", DataType.FLOAT32))
                    .initializer(scalar("w", 3))
                    .node(node("y", "Mul", List.of("x", "w"))));
    PassFixture fixture = PassFixture.of(new FixedConstants()).model(model).checkSound(0);
    assertEquals(
        List.of("x"), fixture.after().graph().inputs().stream().map(i -> i.name()).toList());
    fixture.checkNote("graph 'test'", Kind.CHANGED, "fixed: w");
  }

  @Test
  void provedShapesAreDeclaredAndWrongOnesCorrected() {
    OnnxModel model =
        model(
            17,
            "batch, 4",
            g ->
                g.initializer(Initializer.floats("w", new float[12], 4, 3))
                    .node(node("a", "MatMul", List.of("x", "w")))
                    .node(node("b", "Relu", List.of("a")))
                    .node(node("y", "Neg", List.of("b"))));
    OnnxModel wrong =
        model.withGraph(
            model
                .graph()
                .edit()
                .putValueInfo(TensorSpec.of("b", DataType.FLOAT32, "batch, 7"))
                .build());
    PassFixture fixture =
        PassFixture.of(new ShapeDeclaration(List.of())).model(wrong).checkChanged().checkSound(0);
    for (String tensor : List.of("a", "b")) {
      assertEquals(
          TensorSpec.of(tensor, DataType.FLOAT32, "batch, 3"),
          fixture.after().graph().declared(tensor).orElseThrow());
    }
  }

  @Test
  void aListOfMapsBecomesTheTensorOfWhatTheyHeld() {
    Graph graph =
        Graph.builder("forest")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n, 2"))
            .node(
                Node.builder("ZipMap")
                    .domain("ai.onnx.ml")
                    .name("zip")
                    .inputs("x")
                    .outputs("scores")
                    .attribute(Attribute.ofInts("classlabels_int64s", 5, 9))
                    .build())
            .output(floats("scores"))
            .build();
    PassFixture.of(new ZipMapRemoval())
        .otherInterface("a list of maps becomes a tensor")
        .model(OnnxModel.of(graph, 17).withOpset("ai.onnx.ml", 3))
        .checkNote("zip", Kind.CHANGED, "2 classes: 5, 9");
  }

  @Test
  void namesForSizesThatTheModelHasNoneForAreGivenOnce() {
    OnnxModel model =
        model(
            17,
            "n, m",
            g ->
                g.node(
                        node("a", "Concat", List.of("x", "x")).toBuilder()
                            .attribute(Attribute.of("axis", 0))
                            .build())
                    .node(node("b", "Relu", List.of("a")))
                    .node(node("y", "Neg", List.of("b"))));
    PassFixture fixture =
        PassFixture.of(new ShapeDeclaration(List.of())).model(model).checkChanged().checkSound(0);
    assertEquals(
        TensorSpec.of("b", DataType.FLOAT32, "derived_size_0, m"),
        fixture.after().graph().declared("b").orElseThrow());
  }
}

package io.inferc.shape.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProvedShapesTest {
  private static GraphBuilder graph(String shape) {
    return Graph.builder("g").input(TensorSpec.of("x", DataType.FLOAT32, shape));
  }

  private static Initializer longs(String name, long... values) {
    return Initializer.longs(name, values, values.length);
  }

  private static Node node(String op, String output, String... inputs) {
    return Node.of(op, List.of(inputs), List.of(output));
  }

  private static ProvedShapes prove(GraphBuilder graph, ShapeProfile... profiles) {
    graph.output(TensorSpec.of("y", DataType.FLOAT32, ""));
    return ProvedShapes.of(OnnxModel.of(graph.build(), 17), List.of(profiles));
  }

  private static String shape(ProvedShapes shapes, String tensor) {
    return String.valueOf(shapes.declarations().get(tensor));
  }

  private static ShapeProfile seq(long min, long max) {
    return ShapeProfile.named("p").range("seq", min, min, max);
  }

  private static GraphBuilder firstOf32() {
    return graph("2, seq")
        .initializer(longs("from", 0))
        .initializer(longs("to", 32))
        .initializer(longs("axis", 1))
        .node(node("Slice", "y", "x", "from", "to", "axis"));
  }

  @Test
  void dimensionsThatFollowASymbolAreThatSymbol() {
    ProvedShapes shapes =
        prove(
            graph("batch, seq, 4")
                .initializer(longs("rows", 0, -1))
                .node(node("Relu", "same", "x"))
                .node(node("Reshape", "y", "same", "rows")));
    assertEquals("[batch, seq, 4]", shape(shapes, "same"));
    assertEquals("[batch, ?]", shape(shapes, "y"));
    assertEquals(
        List.of(OptionalLong.of(3), OptionalLong.of(20)),
        shapes.expected("y", Map.of("x", new long[] {3, 5, 4})).orElseThrow());
  }

  @Test
  void aCutToAConstantLengthIsThatLongOnlyWhereTheProfileSaysSo() {
    assertEquals("[2, ?]", shape(prove(firstOf32()), "y"));
    assertEquals("[2, ?]", shape(prove(firstOf32(), seq(8, 512)), "y"));
    assertEquals("[2, 32]", shape(prove(firstOf32(), seq(64, 512)), "y"));
    assertEquals("[2, seq]", shape(prove(firstOf32(), seq(8, 32)), "y"));
    assertEquals("[2, ?]", shape(prove(firstOf32(), seq(8, 16), seq(64, 512)), "y"));
  }

  @Test
  void twoDimensionsWithoutANameAreNotTheSame() {
    ProvedShapes shapes =
        prove(
            graph("?, ?, 4")
                .node(
                    Node.builder("Transpose")
                        .inputs("x")
                        .outputs("t")
                        .attribute(Attribute.ofInts("perm", 1, 0, 2))
                        .build())
                .node(node("Add", "y", "x", "t")));
    assertEquals("[?, ?, 4]", shape(shapes, "y"));
  }

  @Test
  void twoSymbolsBroadcastToNeitherUnlessOneCannotBe1() {
    GraphBuilder sum =
        graph("2, seq")
            .input(TensorSpec.of("z", DataType.FLOAT32, "2, other"))
            .node(node("Add", "y", "x", "z"));
    assertEquals("[2, ?]", shape(prove(sum), "y"));
    GraphBuilder again =
        graph("2, seq")
            .input(TensorSpec.of("z", DataType.FLOAT32, "2, other"))
            .node(node("Add", "y", "x", "z"));
    assertEquals("[2, seq]", shape(prove(again, seq(2, 9)), "y"));
  }

  @Test
  void whatTheModelDeclaresBetweenNodesIsNotBelieved() {
    ProvedShapes shapes =
        prove(
            graph("n")
                .valueInfo(TensorSpec.of("places", DataType.INT64, "1, 7"))
                .node(node("NonZero", "places", "x"))
                .node(node("Cast", "y", "places")));
    assertNotEquals("[1, 7]", shape(shapes, "y"));
  }

  @Test
  void aSizeThatTheDataDecideOnGetsANameOfItsOwnWhereItOccursTwice() {
    ProvedShapes shapes =
        prove(
            graph("derived_size_0")
                .node(node("NonZero", "places", "x"))
                .node(node("Neg", "more", "places"))
                .node(node("NonZero", "others", "more")));
    assertEquals("[1, derived_size_0_]", shape(shapes, "places"));
    assertEquals(shape(shapes, "places"), shape(shapes, "more"));
    assertEquals("[2, ?]", shape(shapes, "others"));
  }

  @Test
  void branchesThatDifferLeaveASizeOpen() {
    Graph yes =
        Graph.builder("yes")
            .node(node("Relu", "a", "x"))
            .output(TensorSpec.of("a", DataType.FLOAT32, "n, 4"))
            .build();
    Graph no =
        Graph.builder("no")
            .node(
                Node.builder("Concat")
                    .inputs("x", "x")
                    .outputs("b")
                    .attribute(Attribute.of("axis", 1))
                    .build())
            .output(TensorSpec.of("b", DataType.FLOAT32, "n, 4"))
            .build();
    ProvedShapes shapes =
        prove(
            graph("n, 4")
                .input(TensorSpec.of("c", DataType.BOOL, ""))
                .node(
                    Node.builder("If")
                        .inputs("c")
                        .outputs("y")
                        .attribute(Attribute.of("then_branch", yes))
                        .attribute(Attribute.of("else_branch", no))
                        .build()));
    assertEquals("[n, ?]", shape(shapes, "y"));
  }

  private static TensorSpec open(String name) {
    return new TensorSpec(name, DataType.FLOAT32, TensorShape.unknownRank());
  }

  /** A loop that makes one tensor longer and leaves another one as it was. */
  private static Node growing() {
    Graph body =
        Graph.builder("body")
            .input(TensorSpec.of("i", DataType.INT64, ""))
            .input(TensorSpec.of("go", DataType.BOOL, ""))
            .input(open("a"))
            .input(open("b"))
            .node(node("Identity", "on", "go"))
            .node(
                Node.builder("Concat")
                    .inputs("a", "x")
                    .outputs("longer")
                    .attribute(Attribute.of("axis", 0))
                    .build())
            .node(node("Relu", "kept", "b"))
            .output(TensorSpec.of("on", DataType.BOOL, ""))
            .output(open("longer"))
            .output(open("kept"))
            .output(open("kept"))
            .build();
    return Node.builder("Loop")
        .inputs("turns", "", "x", "x")
        .outputs("grown", "same", "y")
        .attribute(Attribute.of("body", body))
        .build();
  }

  @Test
  void whatALoopCarriesKeepsTheSizesThatItsBodyKeeps() {
    ProvedShapes shapes =
        prove(graph("n, 4").input(TensorSpec.of("turns", DataType.INT64, "")).node(growing()));
    assertEquals("[?, 4]", shape(shapes, "grown"));
    assertEquals("[n, 4]", shape(shapes, "same"));
    assertEquals("[?, n, 4]", shape(shapes, "y"));
  }

  @Test
  void aComputedZeroInAReshapeIsFollowedOnlyIfItIsTheSizeAnyway() {
    GraphBuilder swapped =
        graph("n, 4")
            .node(node("Shape", "s", "x"))
            .initializer(longs("order", 1, 0))
            .node(node("Gather", "t", "s", "order"))
            .node(node("Reshape", "y", "x", "t"));
    assertEquals("[4, n]", shape(prove(swapped), "y"));
    ProvedShapes given =
        prove(
            graph("n, 4")
                .input(TensorSpec.of("t", DataType.INT64, "3"))
                .node(node("Reshape", "y", "x", "t")));
    assertEquals("[?, ?, ?]", shape(given, "y"));
  }

  @Test
  void aNodeThatContradictsItsOperatorIsUnknownAndNoError() {
    GraphBuilder odd =
        graph("n, 4")
            .node(Node.builder("Constant").outputs("c").build())
            .node(
                Node.builder("Transpose")
                    .inputs("x")
                    .outputs("t")
                    .attribute(Attribute.of("perm", "no list"))
                    .build())
            .node(node("Gemm", "y", "x"));
    assertEquals(Map.of(), prove(odd).declarations());
  }

  @Test
  void anOperatorOfAnotherDomainIsUnknown() {
    ProvedShapes shapes =
        prove(
            graph("n").node(Node.builder("Relu").domain("mine").inputs("x").outputs("y").build()));
    assertNull(shapes.declarations().get("y"));
  }

  @Test
  void aDimensionThatAProfileFixesKeepsItsSymbol() {
    ShapeProfile fixed = ShapeProfile.named("p").input("x", Range.exactly(3), Range.exactly(4));
    ProvedShapes shapes = prove(graph("n, 4").node(node("Relu", "y", "x")), fixed);
    assertEquals(TensorShape.parse("n, 4"), shapes.declarations().get("y"));
  }
}

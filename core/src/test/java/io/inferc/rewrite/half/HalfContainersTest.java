package io.inferc.rewrite.half;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.RewriteNote;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Half precision around sequences, optional values, loops and what nobody knows the type of. */
class HalfContainersTest {
  private static final HalfPrecision FP16 = HalfPrecision.fp16().build();

  private static Node node(String type, String output, String... inputs) {
    return Node.builder(type).name(type + "-" + output).inputs(inputs).outputs(output).build();
  }

  private static GraphBuilder graph(long... output) {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, 2, 4))
        .output(TensorSpec.of("y", DataType.FLOAT32, output))
        .initializer(Initializer.longs("zero", new long[] {0}))
        .initializer(Initializer.floats("w", new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2));
  }

  private static PassFixture check(GraphBuilder graph, int opset) {
    PassFixture fixture = PassFixture.of(FP16).model(OnnxModel.of(graph.build(), opset));
    fixture.checkChanged().checkSound(0.01);
    HalfPrecision bf16 = HalfPrecision.bf16().build();
    PassFixture.of(bf16).model(OnnxModel.of(graph.build(), opset)).checkIdempotent();
    return fixture;
  }

  private static boolean isHalf(PassFixture fixture, String node) {
    return fixture.notes().stream()
        .anyMatch(n -> n.node().equals(node) && n.kind() == RewriteNote.Kind.CHANGED);
  }

  @Test
  void aSequenceKeepsItsTypeAndWhatIsMadeOfItsTensorsIsHalf() {
    PassFixture fixture =
        check(
            graph(2, 4)
                .initializer(Initializer.longs("two", new long[] {2, 2}, 2))
                .node(node("Sigmoid", "a", "x"))
                .node(
                    node("SplitToSequence", "parts", "a", "two").toBuilder()
                        .attribute(Attribute.of("axis", 1L))
                        .build())
                .node(node("SequenceAt", "p", "parts", "zero"))
                // Nothing but the sequence says which type this reads.
                .node(node("Relu", "r", "p"))
                .node(node("SequenceEmpty", "none"))
                .node(node("SequenceInsert", "one", "none", "r"))
                .node(node("SequenceInsert", "both", "one", "p"))
                .node(
                    node("ConcatFromSequence", "c", "both").toBuilder()
                        .attribute(Attribute.of("axis", 1L))
                        .build())
                .node(node("Tanh", "y", "c")),
            17);
    fixture.checkNote("SequenceInsert-both", RewriteNote.Kind.LEFT_ALONE, "keep their type");
    for (String half : List.of("Sigmoid-a", "Relu-r", "Tanh-y")) {
      assertTrue(isHalf(fixture, half), half);
    }
  }

  @Test
  void anOptionalValueKeepsItsType() {
    PassFixture fixture =
        check(
            graph(2, 2)
                .node(node("Sigmoid", "a", "x"))
                .node(node("Optional", "o", "a"))
                .node(node("OptionalGetElement", "e", "o"))
                .node(node("Relu", "r", "e"))
                .node(node("MatMul", "y", "r", "w")),
            18);
    assertTrue(isHalf(fixture, "Relu-r"));
    assertTrue(isHalf(fixture, "MatMul-y"));
  }

  @Test
  void anOptionalSequenceKeepsItsType() {
    PassFixture fixture =
        check(
            graph(2, 2)
                .node(node("Sigmoid", "a", "x"))
                .node(node("SequenceConstruct", "s", "a", "x"))
                .node(node("Optional", "o", "s"))
                .node(node("OptionalGetElement", "e", "o"))
                .node(node("SequenceAt", "p", "e", "zero"))
                .node(node("MatMul", "y", "p", "w")),
            18);
    assertTrue(isHalf(fixture, "MatMul-y"));
  }

  /** Counts to three, and doubles a tensor each time: its values have unlike types. */
  private static Node loop() {
    Graph body =
        Graph.builder("body")
            .input(TensorSpec.of("i", DataType.INT64))
            .input(TensorSpec.of("go", DataType.BOOL))
            .input(TensorSpec.of("count", DataType.INT64))
            .input(TensorSpec.of("t", DataType.FLOAT32, 2, 4))
            .initializer(Initializer.longs("step", new long[] {1}))
            .node(node("Identity", "again", "go"))
            .node(node("Add", "next", "count", "step"))
            // It reads a tensor of the outer graph that becomes half precision there.
            .node(node("Add", "sum", "t", "a"))
            .node(node("Identity", "each", "sum"))
            .output(TensorSpec.of("again", DataType.BOOL))
            .output(TensorSpec.of("next", DataType.INT64))
            .output(TensorSpec.of("sum", DataType.FLOAT32, 2, 4))
            .output(ValueInfo.untyped("each").withName("each"))
            .build();
    return Node.builder("Loop")
        .name("loop")
        .inputs("trips", "", "start", "x")
        .outputs("counted", "last", "all")
        .attribute(Attribute.of("body", body))
        .build();
  }

  @Test
  void whatALoopReturnsHasTheTypesOfItsGraphAndWhatItReadsIsSingle() {
    PassFixture fixture =
        check(
            graph(3, 2, 4)
                .initializer(Initializer.longs("trips", new long[] {3}))
                .initializer(Initializer.longs("start", new long[] {0}))
                .node(node("Sigmoid", "a", "x"))
                .node(node("Relu", "b", "a"))
                .node(loop())
                .node(
                    node("Cast", "f", "counted").toBuilder()
                        .attribute(Attribute.of("to", 1L))
                        .build())
                .node(node("Tanh", "th", "all"))
                .node(node("Add", "s", "th", "last"))
                .node(node("Add", "u", "s", "b"))
                .node(node("Add", "y", "u", "f")),
            17);
    for (String half : List.of("Sigmoid-a", "Relu-b", "Tanh-th", "Add-s")) {
      assertTrue(isHalf(fixture, half), half);
    }
  }

  @Test
  void whatNobodyKnowsTheTypeOfIsNotMixedWithHalfPrecision() {
    Node foreign =
        Node.builder("FusedGelu").domain("somewhere.else").inputs("a").outputs("f").build();
    OnnxModel model =
        OnnxModel.of(
            graph(2, 4)
                .node(node("Sigmoid", "a", "x"))
                .node(foreign)
                .node(node("Abs", "g", "f"))
                .node(node("Add", "y", "g", "a"))
                .build(),
            17);
    PassFixture fixture = PassFixture.of(FP16).model(model);
    fixture.checkNote("Abs-g", RewriteNote.Kind.LEFT_ALONE, "Nothing says which type");
    assertTrue(isHalf(fixture, "Sigmoid-a"));
  }

  @Test
  void theBitsOfANumberAreNotTakenFromAnotherWidth() {
    GraphBuilder graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 4))
            .output(TensorSpec.of("y", DataType.INT32, 4))
            .node(node("Relu", "a", "x"))
            .node(
                node("BitCast", "y", "a").toBuilder()
                    .attribute(Attribute.of("to", (long) DataType.INT32.onnxCode()))
                    .build());
    OnnxModel model = OnnxModel.of(graph.build(), 26);
    PassFixture fixture = PassFixture.of(FP16).model(model);
    fixture.checkNote("BitCast-y", RewriteNote.Kind.LEFT_ALONE, "bits");
    assertEquals(List.of(), fixture.after().check());
  }

  @Test
  void aDropoutThatDropsIsNotDrawnAnew() {
    GraphBuilder graph =
        graph(2, 4)
            .initializer(Initializer.floats("ratio", new float[] {0.5f}))
            .initializer(Initializer.longs("training", DataType.BOOL, new long[] {1}))
            .node(node("Sigmoid", "a", "x"))
            .node(
                node("Dropout", "y", "a", "ratio", "training").toBuilder()
                    .attribute(Attribute.of("seed", 3L))
                    .build());
    PassFixture.of(FP16)
        .model(OnnxModel.of(graph.build(), 17))
        .checkNote("Dropout-y", RewriteNote.Kind.LEFT_ALONE, "depends on its element type");
  }
}

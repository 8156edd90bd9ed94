package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.SparseTensorProto;
import io.inferc.onnx.internal.proto.TensorAnnotation;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.SmallModels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GraphEditorTest {
  private static final int MANY = 50_000;

  @Test
  void fiftyThousandNodesGetANodeInsertedAfterEachOfThem() {
    Graph graph = SmallModels.chain(MANY);
    GraphEditor editor = graph.edit();

    for (Node node : graph.nodes()) {
      String output = node.outputs().get(0);
      String copy = editor.freshName(output + "_copy");
      editor.replaceUses(output, copy);
      editor.insertAfter(node, Node.of("Identity", List.of(output), List.of(copy)));
    }
    Graph edited = editor.build();

    assertEquals(2 * MANY, edited.nodes().size());
    assertEquals(MANY, graph.nodes().size(), "the original stays as it is");
    for (int i = 0; i < MANY; i++) {
      Node relu = edited.nodes().get(2 * i);
      Node identity = edited.nodes().get(2 * i + 1);
      assertEquals("n" + i, relu.name());
      assertEquals(List.of(i == 0 ? "t0" : "t" + i + "_copy"), relu.inputs());
      assertEquals(relu.outputs(), identity.inputs());
    }
    assertEquals(List.of(), OnnxModel.of(edited, 17).check());
  }

  @Test
  void fiftyThousandNodesInReverseOrderAreSorted() {
    List<Node> reversed = new ArrayList<>(SmallModels.chain(MANY).nodes());
    Collections.reverse(reversed);
    var builder = Graph.builder("reversed").input(TensorSpec.of("t0", DataType.FLOAT32, 4));
    reversed.forEach(builder::node);
    Graph graph = builder.output(TensorSpec.of("t" + MANY, DataType.FLOAT32, 4)).build();

    Graph sorted = graph.edit().build();

    assertEquals(SmallModels.chain(MANY).nodes(), sorted.nodes());
  }

  @Test
  void everyTensorOfFiftyThousandNodesIsRenamed() {
    Graph graph = SmallModels.chain(MANY);
    GraphEditor editor = graph.edit();

    for (int i = 0; i <= MANY; i++) {
      editor.renameTensor("t" + i, editor.freshName("renamed_" + i));
    }
    Graph edited = editor.build();

    assertEquals(List.of("renamed_0"), edited.nodes().get(0).inputs());
    assertEquals("renamed_" + MANY, edited.outputs().get(0).name());
    assertEquals("renamed_0", edited.inputs().get(0).name());
    assertEquals(List.of(), OnnxModel.of(edited, 17).check());
  }

  @Test
  void manyFreshNamesOfOneHintAreAllDifferent() {
    GraphEditor editor = SmallModels.chain(1).edit();

    long different =
        IntStream.range(0, MANY).mapToObj(i -> editor.freshName("t0")).distinct().count();

    assertEquals(MANY, different);
  }

  @Test
  void whatIsNotTouchedIsShared() {
    Graph graph = SmallModels.chain(5);
    Node middle = graph.nodes().get(2);

    Graph edited = graph.edit().replace(middle, middle.toBuilder().opType("Tanh").build()).build();

    for (int i : List.of(0, 1, 3, 4)) {
      assertSame(graph.nodes().get(i), edited.nodes().get(i));
    }
    assertEquals("Tanh", edited.nodes().get(2).opType());
  }

  @Test
  void aNodeIsReplacedBySeveralInItsPlace() {
    Graph graph = SmallModels.chain(3);
    Node middle = graph.nodes().get(1);

    Graph edited =
        graph
            .edit()
            .replace(
                middle,
                Node.of("Neg", List.of("t1"), List.of("u")),
                Node.of("Abs", List.of("u"), List.of("t2")))
            .build();

    assertEquals(List.of("Relu", "Neg", "Abs", "Relu"), operators(edited));
  }

  @Test
  void aNodeIsBypassedByRemovingItAndReadingItsInput() {
    Graph graph = SmallModels.chain(3);
    GraphEditor editor = graph.edit();

    editor.remove(graph.nodes().get(1));
    editor.replaceUses("t2", "t1");
    Graph edited = editor.build();

    assertEquals(2, edited.nodes().size());
    assertEquals(List.of("t1"), edited.nodes().get(1).inputs());
    assertEquals(List.of(), OnnxModel.of(edited, 17).check());
  }

  @Test
  void producersAndConsumersFollowEveryEdit() {
    Graph graph = SmallModels.chain(3);
    GraphEditor editor = graph.edit();
    Node first = graph.nodes().get(0);

    assertSame(first, editor.producer("t1").orElseThrow());
    assertEquals(List.of(graph.nodes().get(1)), editor.consumers("t1"));
    Node extra = Node.of("Abs", List.of("t1"), List.of("u"));
    editor.append(extra);
    assertEquals(List.of(graph.nodes().get(1), extra), editor.consumers("t1"));
    editor.replaceUses("t1", "t0");
    assertEquals(List.of(), editor.consumers("t1"));
    assertEquals(3, editor.consumers("t0").size());
    editor.remove(extra);
    assertEquals(Optional.empty(), editor.producer("u"));
    assertEquals(2, editor.consumers("t0").size());
  }

  @Test
  void aNodeThatWasRewiredIsStillFoundByTheObjectItWas() {
    Graph graph = SmallModels.chain(3);
    GraphEditor editor = graph.edit();
    Node second = graph.nodes().get(1);

    editor.replaceUses("t1", "t0");

    Node now = editor.current(second).orElseThrow();
    assertNotEquals(second, now);
    assertEquals(List.of("t0"), now.inputs());
    editor.insertAfter(second, Node.of("Abs", List.of("t2"), List.of("u")));
    editor.remove(second);
    assertEquals(Optional.empty(), editor.current(second));
    assertThrows(IllegalArgumentException.class, () -> editor.remove(second));
    assertThrows(IllegalArgumentException.class, () -> editor.remove(now));
  }

  @Test
  void aNodeOfAnotherGraphIsRefused() {
    GraphEditor editor = SmallModels.chain(3).edit();
    Node stranger = Node.of("Relu", List.of("a"), List.of("b"));

    assertThrows(IllegalArgumentException.class, () -> editor.remove(stranger));
    assertThrows(IllegalArgumentException.class, () -> editor.insertAfter(stranger, stranger));
  }

  @Test
  void theSameNodeIsNotInsertedTwice() {
    Graph graph = SmallModels.chain(2);
    GraphEditor editor = graph.edit();

    assertThrows(IllegalArgumentException.class, () -> editor.append(graph.nodes().get(0)));
  }

  @Test
  void renamingReachesTheGraphsInsideNodes() {
    Graph graph = SmallModels.branches().graph();

    Graph edited = graph.edit().renameTensor("two", "deux").renameTensor("x", "input").build();

    Node choose = edited.nodes().get(0);
    for (Graph branch : choose.subgraphs()) {
      assertEquals(List.of("input", "deux"), branch.nodes().get(0).inputs());
    }
    assertTrue(edited.initializer("deux").isPresent());
    assertEquals(List.of(), OnnxModel.of(edited, 17).check());
  }

  @Test
  void renamingStopsWhereASubgraphHasANameOfItsOwn() {
    Graph body =
        Graph.builder("body")
            .node(Node.of("Relu", List.of("x"), List.of("t")))
            .node(Node.of("Abs", List.of("t"), List.of("body_out")))
            .output(ValueInfo.untyped("body_out"))
            .build();
    Node holder =
        Node.builder("If")
            .inputs("c")
            .outputs("y")
            .attribute(Attribute.of("then_branch", body))
            .attribute(Attribute.of("else_branch", body))
            .build();
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("c", DataType.BOOL, ""))
            .input(TensorSpec.of("x", DataType.FLOAT32, 3))
            .node(holder)
            .node(Node.of("Abs", List.of("x"), List.of("t2")))
            .output(ValueInfo.untyped("y"))
            .build();

    Graph edited = graph.edit().renameTensor("x", "z").build();

    Graph branch = edited.nodes().get(0).subgraphs().get(0);
    assertEquals(List.of("z"), branch.nodes().get(0).inputs());
    assertEquals(List.of("t"), branch.nodes().get(1).inputs());
  }

  @Test
  void freshNamesAvoidThoseOfSubgraphs() {
    GraphEditor editor = SmallModels.branches().graph().edit();

    assertNotEquals("then_y", editor.freshName("then_y"));
    assertNotEquals("else_op", editor.freshName("else_op"));
    assertEquals("unused", editor.freshName("unused"));
    assertNotEquals("unused", editor.freshName("unused"));
    assertFalse(editor.freshName("").isEmpty());
  }

  @Test
  void aTensorIsNotRenamedToANameInUse() {
    GraphEditor editor = SmallModels.branches().graph().edit();

    assertThrows(IllegalArgumentException.class, () -> editor.renameTensor("x", "two"));
    assertThrows(IllegalArgumentException.class, () -> editor.renameTensor("x", "then_y"));
    assertThrows(IllegalArgumentException.class, () -> editor.renameTensor("nothing", "z"));
  }

  @Test
  void renamingReachesSparseConstantsAndQuantizationAnnotations() {
    GraphProto proto =
        SmallModels.chain(1).toProto().toBuilder()
            .addSparseInitializer(
                SparseTensorProto.newBuilder()
                    .setValues(Initializer.floats("s", new float[] {1}, 1).proto())
                    .setIndices(Initializer.longs("", new long[] {2}, 1).proto())
                    .addDims(4))
            .addQuantizationAnnotation(
                TensorAnnotation.newBuilder()
                    .setTensorName("t1")
                    .addQuantParameterTensorNames(Entries.entry("SCALE_TENSOR", "s")))
            .build();

    Graph edited =
        Graph.of(proto, ExternalFiles.NONE)
            .edit()
            .renameTensor("s", "interim")
            .renameTensor("interim", "scale")
            .renameTensor("t1", "out")
            .build();

    TensorAnnotation annotation = edited.toProto().getQuantizationAnnotation(0);
    assertEquals("scale", edited.sparseInitializers().get(0).name());
    assertEquals("out", annotation.getTensorName());
    assertEquals("scale", annotation.getQuantParameterTensorNames(0).getValue());
  }

  @Test
  void whatIsDeclaredOfATensorGoesWithTheNodeThatMadeIt() {
    Graph graph =
        SmallModels.chain(3)
            .edit()
            .putValueInfo(TensorSpec.of("t1", DataType.FLOAT32, 4))
            .putValueInfo(TensorSpec.of("t2", DataType.FLOAT32, 4))
            .build();
    Node second = graph.nodes().get(1);
    GraphEditor editor = graph.edit();
    editor.remove(second);
    editor.replaceUses("t2", "t1");

    Graph edited = editor.build();

    assertEquals(List.of("t1"), edited.valueInfos().stream().map(ValueInfo::name).toList());
    Graph kept = graph.edit().replace(second, second.toBuilder().opType("Abs").build()).build();
    assertEquals(2, kept.valueInfos().size());
  }

  @Test
  void inputsOutputsAndConstantsAreAddedReplacedAndRemoved() {
    Graph graph = SmallModels.addConstant(4).graph();

    Graph edited =
        graph
            .edit()
            .putInitializer(Initializer.floats("c", new float[] {7, 7, 7, 7}, 4))
            .putInitializer(Initializer.floats("d", new float[] {1}, 1))
            .addInput(TensorSpec.of("extra", DataType.INT64, "n"))
            .addOutput(ValueInfo.untyped("x"))
            .removeOutput("y")
            .build();

    assertEquals(7, edited.initializer("c").orElseThrow().floats()[0]);
    assertEquals(2, edited.initializers().size());
    assertEquals(List.of("x", "extra"), edited.inputs().stream().map(ValueInfo::name).toList());
    assertEquals(List.of("x"), edited.outputs().stream().map(ValueInfo::name).toList());
    Graph back = edited.edit().removeInitializer("d").removeInput("extra").build();
    assertEquals(1, back.initializers().size());
    assertEquals(1, back.inputs().size());
  }

  @Test
  void aCycleIsRefusedWithTheNodesThatFormIt() {
    Graph graph = SmallModels.chain(3);
    GraphEditor editor = graph.edit();
    editor.replaceUses("t0", "t3");

    ModelFormatException e = assertThrows(ModelFormatException.class, editor::build);

    for (String name : List.of("n0", "n1", "n2")) {
      assertTrue(e.problem().contains(name), e.problem());
    }
  }

  @Test
  void aCycleOfFiftyThousandNodesIsFoundWithoutOverflowingTheStack() {
    GraphEditor editor = SmallModels.chain(MANY).edit();
    editor.replaceUses("t0", "t" + MANY);

    assertThrows(ModelFormatException.class, editor::build);
  }

  @Test
  void nodesThatReadOnlyThroughSubgraphsAreSortedAfterWhatTheyRead() {
    Graph graph = SmallModels.branches().graph();
    Node makesX = Node.of("Neg", List.of("raw"), List.of("x"));
    GraphEditor editor = graph.edit();
    editor.removeInput("x").addInput(TensorSpec.of("raw", DataType.FLOAT32, 3)).append(makesX);

    Graph sorted = editor.build();

    assertEquals(List.of("Neg", "If"), operators(sorted));
    assertEquals(List.of(), OnnxModel.of(sorted, 17).check());
  }

  private static List<String> operators(Graph graph) {
    return graph.nodes().stream().map(Node::opType).collect(Collectors.toList());
  }

  @Test
  void readersAreCountedOnceEachAndInsideNodesToo() {
    Graph graph = SmallModels.branches().graph();
    GraphEditor editor = graph.edit();
    assertEquals(1, editor.consumerCount("x"));
    editor.append(Node.of("Mul", List.of("x", "x"), List.of("square")));
    assertEquals(2, editor.consumerCount("x"));
    assertEquals(0, editor.consumerCount("square"));
    assertEquals(0, editor.consumerCount("nowhere"));
    editor.remove(editor.producer("square").orElseThrow());
    assertEquals(1, editor.consumerCount("x"));
  }
}

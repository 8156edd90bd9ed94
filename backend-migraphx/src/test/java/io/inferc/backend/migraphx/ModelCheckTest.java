package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ContractModels;
import io.inferc.testing.RealModels;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ModelCheckTest {
  private static final ElementTypes TYPES = ElementTypes.of(2, 4, true).orElseThrow();

  private static InfercException refusal(OnnxModel model) {
    InfercException e =
        assertThrows(
            InfercException.class, () -> new ModelCheck("m", TYPES, Set.of(), false).check(model));
    assertTrue(e.problem().contains("model m "), e.problem());
    assertFalse(e.remedy().isBlank());
    return e;
  }

  private static void accept(OnnxModel model, boolean loopsBounded) {
    new ModelCheck("m", TYPES, Set.of(), loopsBounded).check(model);
  }

  @Test
  void anOrdinaryModelIsAccepted() {
    accept(ContractModels.dense(), false);
  }

  @Test
  void inputsOfTypesThatMigraphxLacksAreRefusedByName() {
    for (DataType type : List.of(DataType.STRING, DataType.COMPLEX64, DataType.FLOAT8E5M2)) {
      InfercException e = refusal(ContractModels.identity(type));
      assertTrue(e.problem().contains("'x'") && e.problem().contains(type.toString()), e.problem());
    }
  }

  @Test
  void resultsWhoseSizeDependsOnTheDataAreRefused() {
    assertTrue(refusal(ContractModels.nonZero()).problem().contains("NonZero"));
  }

  @Test
  void theSameOperatorOnConstantsAndShapesIsAccepted() {
    accept(
        OnnxModel.of(
            Graph.builder("constant")
                .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
                .initializer(Initializer.longs("one", new long[] {1}, 1))
                .node(Node.of("Shape", List.of("x"), List.of("s")))
                .node(Node.of("Add", List.of("s", "one"), List.of("t")))
                .node(Node.of("NonZero", List.of("t"), List.of("where")))
                .output(TensorSpec.of("where", DataType.INT64, "1, found"))
                .build(),
            17),
        false);
  }

  private static OnnxModel product(String operator, DataType a, DataType b, Object... zeroPoints) {
    var graph =
        Graph.builder("product")
            .input(TensorSpec.of("a", a, "1, 1, 2, 2"))
            .input(TensorSpec.of("b", b, "1, 1, 2, 2"));
    List<String> inputs = new ArrayList<>(List.of("a", "b"));
    for (int i = 0; i < zeroPoints.length; i++) {
      String name = zeroPoints[i] == null ? "" : "z" + i;
      inputs.add(name);
      if (zeroPoints[i] instanceof Integer value) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(1).put(0, value.byteValue());
        graph.initializer(Initializer.of(name, i == 0 ? a : b, bytes));
      } else if (zeroPoints[i] instanceof DataType type) {
        graph.input(TensorSpec.of(name, type, ""));
      }
    }
    return OnnxModel.of(
        graph
            .node(Node.of(operator, inputs, List.of("y")))
            .output(TensorSpec.of("y", DataType.INT32, "1, 1, h, w"))
            .build(),
        17);
  }

  @Test
  void integerProductsThatMigraphxComputesWronglyAreRefused() {
    for (OnnxModel wrong :
        List.of(
            product("MatMulInteger", DataType.UINT8, DataType.INT8),
            product("MatMulInteger", DataType.INT8, DataType.UINT8, 0, 0),
            product("MatMulInteger", DataType.INT8, DataType.INT8, 3),
            product("MatMulInteger", DataType.INT8, DataType.INT8, DataType.INT8),
            product("ConvInteger", DataType.UINT8, DataType.INT8),
            product("ConvInteger", DataType.UINT8, DataType.UINT8, 3))) {
      InfercException e = refusal(wrong);
      assertTrue(e.problem().contains("wrong numbers"), e.problem());
      assertTrue(e.remedy().contains("Precision.int8"), e.remedy());
    }
    accept(product("MatMulInteger", DataType.INT8, DataType.INT8), false);
    accept(product("MatMulInteger", DataType.INT8, DataType.INT8, 0, 0), false);
    accept(product("MatMulInteger", DataType.INT8, DataType.INT8, null, 0), false);
    accept(product("ConvInteger", DataType.INT8, DataType.INT8, 3), false);
    accept(product("ConvInteger", DataType.UINT8, DataType.UINT8, 3, DataType.UINT8), false);
  }

  private static OnnxModel of(Node node, Initializer... constants) {
    GraphBuilder graph =
        Graph.builder("faulty").input(TensorSpec.of("x", DataType.FLOAT32, 1, 2, 8, 8));
    Stream.of(constants).forEach(graph::initializer);
    return OnnxModel.of(
        graph.node(node).output(TensorSpec.of("y", DataType.FLOAT32, "a, b, c, d")).build(), 18);
  }

  private static OnnxModel pooling(long ceil, long... pads) {
    return of(
        Node.builder("AveragePool")
            .inputs("x")
            .outputs("y")
            .attribute(Attribute.ofInts("kernel_shape", 3, 3))
            .attribute(Attribute.ofInts("pads", pads))
            .attribute(Attribute.of("ceil_mode", ceil))
            .build());
  }

  private static OnnxModel padding(long... pads) {
    return of(
        Node.of("Pad", List.of("x", "pads"), List.of("y")),
        Initializer.longs("pads", pads, pads.length));
  }

  private static OnnxModel transposed(Attribute attribute) {
    return of(
        Node.builder("ConvTranspose").inputs("x", "w").outputs("y").attribute(attribute).build(),
        Initializer.floats("w", new float[2 * 2 * 3 * 3], 2, 2, 3, 3));
  }

  @Test
  void anOutputOfNoDeclaredTypeIsAccepted() {
    accept(
        OnnxModel.of(
            Graph.builder("untyped")
                .input(TensorSpec.of("x", DataType.FLOAT32, 2))
                .node(Node.of("Relu", List.of("x"), List.of("y")))
                .output(ValueInfo.untyped("y"))
                .build(),
            17),
        false);
  }

  @Test
  void nodesAtWhichMigraphxWouldEndTheProcessAreRefused() {
    for (OnnxModel fatal :
        List.of(
            pooling(1, 1, 1, 1, 1),
            padding(0, 0, -1, 0, 0, 0, 0, 0),
            transposed(Attribute.ofInts("output_shape", 10, 10)))) {
      InfercException e = refusal(fatal);
      assertTrue(e.problem().contains("would end the whole process"), e.problem());
    }
    accept(pooling(0, 1, 1, 1, 1), false);
    accept(pooling(1, 0, 0, 0, 0), false);
    accept(padding(0, 0, 1, 0, 0, 0, 0, 2), false);
  }

  @Test
  void nodesThatMigraphxComputesWronglyAreRefused() {
    InfercException e = refusal(transposed(Attribute.ofInts("output_padding", 1, 1)));
    assertTrue(e.problem().contains("output_padding"), e.problem());
    OnnxModel resized =
        of(
            Node.builder("Resize")
                .inputs("x", "", "", "sizes")
                .outputs("y")
                .attribute(Attribute.of("antialias", 1))
                .build(),
            Initializer.longs("sizes", new long[] {1, 2, 4, 4}, 4));
    assertTrue(refusal(resized).problem().contains("antialias"));
    accept(transposed(Attribute.ofInts("output_padding", 0, 0)), false);
  }

  @Test
  void aModelThatOthersQuantizedDynamicallyIsRefusedSinceItsAnswersWouldBeWrong() {
    InfercException e = refusal(OnnxModel.load(RealModels.MINILM_QUANTIZED.path()));
    assertTrue(e.problem().contains("(MatMulInteger)"), e.problem());
  }

  @Test
  void aLoopThatTheDataEndsIsRefusedUnlessItIsBounded() {
    Graph body =
        Graph.builder("body")
            .input(TensorSpec.of("i", DataType.INT64, ""))
            .input(TensorSpec.of("go", DataType.BOOL, ""))
            .input(TensorSpec.of("v", DataType.FLOAT32, 1))
            .node(Node.of("Identity", List.of("go"), List.of("again")))
            .node(Node.of("Relu", List.of("v"), List.of("w")))
            .output(TensorSpec.of("again", DataType.BOOL, ""))
            .output(TensorSpec.of("w", DataType.FLOAT32, 1))
            .build();
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("loop")
                .input(TensorSpec.of("rounds", DataType.INT64, ""))
                .input(TensorSpec.of("x", DataType.FLOAT32, 1))
                .node(
                    Node.builder("Loop")
                        .name("repeat")
                        .inputs("rounds", "", "x")
                        .outputs("y")
                        .attribute(Attribute.of("body", body))
                        .build())
                .output(TensorSpec.of("y", DataType.FLOAT32, 1))
                .build(),
            17);
    InfercException e = refusal(model);
    assertTrue(e.problem().contains("'repeat' (Loop)"), e.problem());
    assertTrue(e.remedy().contains("loopRounds"), e.remedy());
    accept(model, true);
  }

  @Test
  void complexConstantsAreRefusedSinceMigraphxTakesThemForSomethingElse() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("complex")
                .input(TensorSpec.of("x", DataType.FLOAT32, 1))
                .initializer(
                    Initializer.of("c", DataType.COMPLEX64, java.nio.ByteBuffer.allocate(8), 1))
                .node(Node.of("Relu", List.of("x"), List.of("y")))
                .output(TensorSpec.of("y", DataType.FLOAT32, 1))
                .build(),
            17);
    assertTrue(refusal(model).problem().contains("'c'"));
  }

  @Test
  void operatorsThatMigraphxLacksAreRefusedByTheNode() {
    OnnxModel model = ContractModels.dense();
    Set<String> all = new HashSet<>();
    model.graph().nodes().forEach(n -> all.add(n.opType()));
    new ModelCheck("m", TYPES, all, false).check(model);
    Node last = model.graph().nodes().get(model.graph().nodes().size() - 1);
    all.remove(last.opType());
    InfercException e =
        assertThrows(
            InfercException.class, () -> new ModelCheck("m", TYPES, all, false).check(model));
    assertTrue(e.problem().contains(ModelCheck.text(last)), e.problem());
  }

  @Test
  void theFirstNodeThatCannotBeReadIsFoundByHalves() {
    var graph = Graph.builder("chain").input(TensorSpec.of("x", DataType.FLOAT32, 1));
    String last = "x";
    for (int i = 0; i < 50; i++) {
      graph.node(Node.of(i == 37 ? "Selu" : "Relu", List.of(last), List.of("t" + i)));
      last = "t" + i;
    }
    OnnxModel model =
        OnnxModel.of(graph.output(TensorSpec.of(last, DataType.FLOAT32, 1)).build(), 17);
    Optional<Node> found =
        ParseDiagnosis.firstRefused(
            model,
            bytes ->
                OnnxModel.read(bytes).graph().nodes().stream()
                    .noneMatch(n -> n.opType().equals("Selu")));
    assertEquals("'t37' (Selu)", ModelCheck.text(found.orElseThrow()));
    assertEquals(Optional.empty(), ParseDiagnosis.firstRefused(model, bytes -> true));
  }
}

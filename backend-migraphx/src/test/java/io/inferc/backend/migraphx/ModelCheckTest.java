package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ContractModels;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelCheckTest {
  private static final ElementTypes TYPES = ElementTypes.of(2, 4, true).orElseThrow();

  private static InfercException refusal(OnnxModel model) {
    InfercException e =
        assertThrows(InfercException.class, () -> new ModelCheck("m", TYPES, false).check(model));
    assertTrue(e.problem().contains("model m "), e.problem());
    assertFalse(e.remedy().isBlank());
    return e;
  }

  private static void accept(OnnxModel model, boolean loopsBounded) {
    new ModelCheck("m", TYPES, loopsBounded).check(model);
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

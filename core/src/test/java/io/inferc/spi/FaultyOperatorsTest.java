package io.inferc.spi;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FaultyOperatorsTest {
  private static final FaultyOperators FAULTS =
      FaultyOperators.of(
              "Runtime",
              KernelRules.builder()
                  .rule("Elu", KernelRule.without("alpha"))
                  .rule("Pow", KernelRule.of("constant", FaultyOperatorsTest::notConstant))
                  .rule("Sign", KernelRule.rank(0, 1, 2))
                  .rule("Sign", KernelRule.type(0, DataType.FLOAT32))
                  .build())
          .surviving(KernelRules.builder().rule("Elu", KernelRule.without("deadly")).build());

  private static Optional<String> notConstant(OperatorUse use) {
    boolean doubled =
        use.node()
            .input(1)
            .flatMap(use.facts()::producer)
            .filter(n -> n.opType().equals("Shape"))
            .isPresent();
    return doubled || use.constant(1).isPresent()
        ? Optional.empty()
        : Optional.of("its exponent is computed.");
  }

  private static OnnxModel of(GraphBuilder graph) {
    return OnnxModel.of(
        graph
            .input(TensorSpec.of("x", DataType.FLOAT32, 2, 3))
            .input(TensorSpec.of("e", DataType.FLOAT32))
            .output(ValueInfo.untyped("y"))
            .build(),
        18);
  }

  private static String refusal(GraphBuilder graph) {
    OnnxModel model = of(graph);
    InfercException e = assertThrows(InfercException.class, () -> FAULTS.check(model, "m"));
    assertEquals(Stage.COMPILE, e.stage());
    return e.problem();
  }

  private static Node elu(String attribute) {
    return Node.builder("Elu")
        .name("bad")
        .inputs("x")
        .outputs("y")
        .attribute(Attribute.of(attribute, 2f))
        .build();
  }

  @Test
  void theMessageNamesNodeOperatorAndReason() {
    assertEquals(
        "Tried to compile the model m for Runtime, but its node 'bad' (Elu) would return wrong"
            + " numbers there: it has the attribute 'alpha', which the kernel lacks.",
        refusal(Graph.builder("g").node(elu("alpha"))));
    assertTrue(
        refusal(Graph.builder("g").node(elu("deadly"))).contains("would end the whole process"));
    assertDoesNotThrow(
        () ->
            FAULTS.check(
                of(Graph.builder("g").node(Node.of("Elu", List.of("x"), List.of("y")))), "m"));
  }

  @Test
  void nodesInsideOfOthersAreCheckedWithWhatIsKnownAroundThem() {
    Graph inner =
        Graph.builder("inner")
            .node(Node.of("Pow", List.of("x", "k"), List.of("p")))
            .node(Node.of("Sign", List.of("x"), List.of("s")))
            .output(ValueInfo.untyped("s"))
            .build();
    Node outer =
        Node.builder("If")
            .inputs("c")
            .outputs("y")
            .attribute(Attribute.of("then_branch", inner))
            .attribute(Attribute.of("else_branch", inner))
            .build();
    GraphBuilder right =
        Graph.builder("g").initializer(Initializer.floats("k", new float[] {2})).node(outer);
    assertDoesNotThrow(() -> FAULTS.check(of(right), "m"));
    GraphBuilder computed =
        Graph.builder("g").node(Node.of("Neg", List.of("e"), List.of("k"))).node(outer);
    assertTrue(refusal(computed).contains("its exponent is computed"));
  }

  @Test
  void aTensorOfTheSameNameInsideHidesTheOneAround() {
    Graph inner =
        Graph.builder("inner")
            .node(Node.of("Neg", List.of("x"), List.of("k")))
            .node(Node.of("Pow", List.of("x", "k"), List.of("p")))
            .output(ValueInfo.untyped("p"))
            .build();
    Node outer =
        Node.builder("If")
            .inputs("c")
            .outputs("y")
            .attribute(Attribute.of("then_branch", inner))
            .attribute(Attribute.of("else_branch", inner))
            .build();
    GraphBuilder graph =
        Graph.builder("g").initializer(Initializer.floats("k", new float[] {2})).node(outer);
    assertTrue(refusal(graph).contains("its exponent is computed"));
  }

  @Test
  void constantNodesAreConstantsAndDefaultsOfInputsAreNot() {
    Node constant =
        Node.builder("Constant")
            .outputs("k")
            .attribute(Attribute.of("value", Initializer.floats("v", new float[] {2})))
            .build();
    assertDoesNotThrow(
        () ->
            FAULTS.check(
                of(
                    Graph.builder("g")
                        .node(constant)
                        .node(Node.of("Pow", List.of("x", "k"), List.of("y")))),
                "m"));
    GraphBuilder input =
        Graph.builder("g")
            .initializer(Initializer.floats("e", new float[] {2}))
            .node(Node.of("Pow", List.of("x", "e"), List.of("y")));
    assertTrue(refusal(input).contains("its exponent is computed"));
  }

  @Test
  void whoMakesATensorIsKnown() {
    GraphBuilder made =
        Graph.builder("g")
            .node(Node.of("Shape", List.of("x"), List.of("k")))
            .node(Node.of("Pow", List.of("x", "k"), List.of("y")));
    assertDoesNotThrow(() -> FAULTS.check(of(made), "m"));
  }
}

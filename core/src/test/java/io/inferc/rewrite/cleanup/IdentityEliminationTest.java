package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.RewriteNote.Kind;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityEliminationTest {
  private static final String RELU_THEN_NEG =
      """
      relu: Relu(x) -> relu
      y: Neg(relu) -> y
      return y
      """;

  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new IdentityElimination()).model(model);
  }

  /** Relu, then the given node named {@code same}, then Neg; constants are left out of goldens. */
  private static OnnxModel between(Node same, Initializer... constants) {
    return model(
        17,
        "n, 4",
        g -> {
          for (Initializer c : constants) {
            g.initializer(c);
          }
          return g.valueInfo(TensorSpec.of("relu", DataType.FLOAT32, "n, 4"))
              .node(node("relu", "Relu", List.of("x")))
              .node(same)
              .node(node("y", "Neg", List.of("same")));
        });
  }

  private static void removed(OnnxModel model) {
    OnnxModel cleaned = new DeadNodeElimination().apply(apply(model).after(), new RewriteLog());
    PassFixture.of(new IdentityElimination()).model(cleaned).check(RELU_THEN_NEG);
    apply(model).checkSound(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Identity", "Dropout"})
  void readersOfANodeWithoutEffectReadWhatItRead(String operator) {
    OnnxModel model = between(node("same", operator, List.of("relu")));
    apply(model).check(RELU_THEN_NEG).checkNote("same", Kind.CHANGED, "changes nothing");
    removed(model);
  }

  @Test
  void aCastToTheTypeThatIsThereGoes() {
    removed(between(node("same", "Cast", List.of("relu"), Attribute.of("to", 1))));
  }

  @Test
  void aCastToAnotherTypeStays() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.node(node("half", "Cast", List.of("x"), Attribute.of("to", 10)))
                        .node(node("y", "Cast", List.of("half"), Attribute.of("to", 1)))))
        .checkUnchanged();
  }

  @Test
  void aTransposeThatKeepsTheOrderGoes() {
    removed(between(node("same", "Transpose", List.of("relu"), Attribute.ofInts("perm", 0, 1))));
  }

  @Test
  void aTransposeThatChangesTheOrderStays() {
    apply(between(node("same", "Transpose", List.of("relu")))).checkUnchanged();
    apply(between(node("same", "Transpose", List.of("relu"), Attribute.ofInts("perm", 1, 0))))
        .checkUnchanged();
  }

  @Test
  void aReshapeToTheShapeThatIsThereGoes() {
    for (long[] shape : new long[][] {{0, 4}, {-1, 4}, {0, -1}, {0, 0}}) {
      removed(between(node("same", "Reshape", List.of("relu", "s")), longs("s", shape)));
    }
  }

  @Test
  void aReshapeThatMayChangeSomethingStays() {
    for (long[] shape : new long[][] {{-1, 2}, {3, 4}, {-1}, {0, 2, 2}}) {
      apply(between(node("same", "Reshape", List.of("relu", "s")), longs("s", shape)))
          .checkUnchanged();
    }
    apply(
            between(
                node("same", "Reshape", List.of("relu", "s"), Attribute.of("allowzero", 1)),
                longs("s", 0, 4)))
        .checkUnchanged();
  }

  @Test
  void aPadWithoutPaddingGoes() {
    removed(between(node("same", "Pad", List.of("relu", "p")), longs("p", 0, 0, 0, 0)));
    apply(between(node("same", "Pad", List.of("relu", "p")), longs("p", 0, 0, 0, 1)))
        .checkUnchanged();
  }

  @Test
  void aSliceThatTakesEverythingGoes() {
    removed(
        between(
            node("same", "Slice", List.of("relu", "s", "e")),
            longs("s", 0),
            longs("e", Long.MAX_VALUE)));
    removed(
        between(
            node("same", "Slice", List.of("relu", "s", "e", "a")),
            longs("s", 0),
            longs("e", 4),
            longs("a", -1)));
  }

  @Test
  void aSliceThatMayTakeLessStays() {
    apply(between(node("same", "Slice", List.of("relu", "s", "e")), longs("s", 0), longs("e", 4)))
        .checkUnchanged();
    apply(
            between(
                node("same", "Slice", List.of("relu", "s", "e", "a", "t")),
                longs("s", 0),
                longs("e", Long.MAX_VALUE),
                longs("a", 1),
                longs("t", 2)))
        .checkUnchanged();
  }

  @Test
  void theNodeBeforeTakesOverTheNameOfAnOutput() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.node(node("relu", "Relu", List.of("x")))
                        .node(node("y", "Identity", List.of("relu")))
                        .node(node("z", "Neg", List.of("relu")))
                        .output(floats("z"))))
        .check(
            """
            relu: Relu(x) -> y
            z: Neg(y) -> z
            return z, y
            """)
        .checkSound(0);
  }

  @Test
  void aNodeBetweenAnInputAndAnOutputStays() {
    apply(model(17, "n", g -> g.node(node("y", "Identity", List.of("x")))))
        .checkUnchanged()
        .checkNote("y", Kind.LEFT_ALONE, "returns it under a name");
  }

  @Test
  void ofTwoNamesForOneTensorOneStays() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.node(node("relu", "Relu", List.of("x")))
                        .node(node("y", "Identity", List.of("relu")))
                        .node(node("z", "Identity", List.of("relu")))
                        .output(floats("z"))))
        .check(
            """
            relu: Relu(x) -> y
            z: Identity(y) -> z
            return z, y
            """)
        .checkSound(0);
  }

  @Test
  void aDropoutInTrainingOrWithAMaskThatIsReadStays() {
    apply(
            between(
                node("same", "Dropout", List.of("relu", "r", "t")),
                scalar("r", 0),
                Initializer.longs("t", DataType.BOOL, new long[] {1})))
        .checkUnchanged()
        .checkNote("same", Kind.LEFT_ALONE, "training");
    apply(
            model(
                17,
                "n",
                g ->
                    g.node(
                            Node.builder("Dropout")
                                .name("drop")
                                .inputs("x")
                                .outputs("d", "mask")
                                .build())
                        .node(node("m", "Cast", List.of("mask"), Attribute.of("to", 1)))
                        .node(node("y", "Add", List.of("d", "m")))))
        .checkUnchanged()
        .checkNote("drop", Kind.LEFT_ALONE, "mask");
  }

  @Test
  void readersInsideNodesReadWhatWasReadOutside() {
    Graph then =
        Graph.builder("then")
            .node(node("t_copy", "Identity", List.of("copy")))
            .node(node("t", "Relu", List.of("t_copy")))
            .output(floats("t"))
            .build();
    Graph otherwise =
        Graph.builder("else")
            .node(node("e", "Identity", List.of("copy")))
            .output(floats("e"))
            .build();
    apply(
            model(
                17,
                "3",
                g ->
                    g.input(TensorSpec.of("c", DataType.BOOL, ""))
                        .node(node("abs", "Abs", List.of("x")))
                        .node(node("copy", "Identity", List.of("abs")))
                        .node(
                            node(
                                "y",
                                "If",
                                List.of("c"),
                                Attribute.of("then_branch", then),
                                Attribute.of("else_branch", otherwise)))))
        .check(
            """
            abs: Abs(x) -> abs
            y: If(c) -> y
              else_branch:
                e: Identity(abs) -> e
                return e
              then_branch:
                t: Relu(abs) -> t
                return t
            return y
            """)
        .checkSound(0);
  }
}

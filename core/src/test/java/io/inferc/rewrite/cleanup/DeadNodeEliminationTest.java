package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote.Kind;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import io.inferc.testing.SmallModels;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadNodeEliminationTest {
  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new DeadNodeElimination()).model(model);
  }

  @Test
  void nodesThatOnlyFeedDeadNodesGoWithTheirConstants() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.initializer(scalar("one", 1))
                        .initializer(scalar("unread", 2))
                        .initializer(scalar("dead", 3))
                        .node(node("a", "Mul", List.of("x", "dead")))
                        .node(node("b", "Relu", List.of("a")))
                        .node(node("y", "Add", List.of("x", "one")))))
        .check(
            """
            const one: FLOAT32[] = [1.0]
            y: Add(x, one) -> y
            return y
            """)
        .checkNote("b", Kind.CHANGED, "nothing reads")
        .checkSound(0);
  }

  @Test
  void whatAGraphInsideANodeReadsStays() {
    apply(SmallModels.branches()).checkUnchanged();
  }

  @Test
  void deadNodesInsideAGraphOfANodeGoAndThenWhatTheyRead() {
    Graph then =
        Graph.builder("then")
            .node(node("t_dead", "Mul", List.of("x", "outer")))
            .node(node("t", "Relu", List.of("x")))
            .output(floats("t"))
            .build();
    Graph otherwise =
        Graph.builder("else").node(node("e", "Neg", List.of("x"))).output(floats("e")).build();
    apply(
            model(
                17,
                "3",
                g ->
                    g.input(TensorSpec.of("c", DataType.BOOL, ""))
                        .initializer(scalar("two", 2))
                        .node(node("outer", "Mul", List.of("x", "two")))
                        .node(
                            node(
                                "y",
                                "If",
                                List.of("c"),
                                Attribute.of("then_branch", then),
                                Attribute.of("else_branch", otherwise)))))
        .check(
            """
            y: If(c) -> y
              else_branch:
                e: Neg(x) -> e
                return e
              then_branch:
                t: Relu(x) -> t
                return t
            return y
            """)
        .checkSound(0);
  }

  @Test
  void aConstantThatCallersMayReplaceStays() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.input(TensorSpec.of("default", DataType.FLOAT32, 1))
                        .initializer(Initializer.floats("default", new float[] {1}, 1))
                        .node(node("y", "Relu", List.of("x")))))
        .checkUnchanged();
  }
}

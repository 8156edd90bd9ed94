package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.internal.InnerGraphs;
import io.inferc.tensor.DataType;
import io.inferc.testing.PassFixture;
import io.inferc.testing.TestGraphs;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConstantSharingTest {
  private static final int SIDE = 32;
  private static final Initializer W = weights("w", SIDE, SIDE);

  private static Graph branch(String name, Initializer constant) {
    return Graph.builder(name)
        .initializer(constant.withName(name + "_w"))
        .node(node(name + "_y", "MatMul", List.of("x", name + "_w")))
        .output(TestGraphs.floats(name + "_y"))
        .build();
  }

  private static OnnxModel choice(Graph yes, Graph no, boolean outside) {
    return model(
        17,
        "2, " + SIDE,
        g -> {
          g.initializer(Initializer.longs("on", DataType.BOOL, new long[] {1}));
          if (outside) {
            g.initializer(W).node(node("p", "MatMul", List.of("x", "w")));
          }
          g.node(
              node(
                  outside ? "c" : "y",
                  "If",
                  List.of("on"),
                  Attribute.of("then_branch", yes),
                  Attribute.of("else_branch", no)));
          return outside ? g.node(node("y", "Add", List.of("p", "c"))) : g;
        });
  }

  private static PassFixture shared(OnnxModel model) {
    return PassFixture.of(new ConstantSharing()).model(model);
  }

  @Test
  void whatTwoBranchesHaveAlikeMovesToTheMainGraph() {
    PassFixture fixture = shared(choice(branch("a", W), branch("b", W), false)).checkSound(0);
    assertEquals(2, fixture.after().graph().initializers().size());
    assertTrue(
        InnerGraphs.of(fixture.after().graph()).stream().allMatch(g -> g.initializers().isEmpty()));
  }

  @Test
  void whatTheMainGraphHasTooIsReadFromThere() {
    PassFixture fixture =
        shared(choice(branch("a", W), branch("b", weights("v", SIDE, SIDE)), true)).checkSound(0);
    assertEquals(
        1,
        InnerGraphs.of(fixture.after().graph()).stream()
            .mapToInt(g -> g.initializers().size())
            .sum());
  }

  @Test
  void unlikeAndSmallConstantsStay() {
    shared(choice(branch("a", W), branch("b", weights("v", SIDE, SIDE)), false)).checkUnchanged();
    Graph small =
        Graph.builder("s")
            .initializer(weights("k", 1, SIDE))
            .node(node("s_y", "Add", List.of("x", "k")))
            .output(TestGraphs.floats("s_y"))
            .build();
    shared(choice(small, small, false)).checkUnchanged();
  }
}

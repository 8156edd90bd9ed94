package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;

import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote.Kind;
import io.inferc.tensor.Tensor;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GeluKernelFusionTest {
  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new GeluKernelFusion()).model(model);
  }

  /** {@code x (0.5 (1 + erf(x / sqrt 2)))}, as PyTorch's exporter writes it. */
  private static GraphBuilder written(GraphBuilder g) {
    return g.initializer(scalar("divisor", Math.sqrt(2)))
        .initializer(scalar("one", 1))
        .initializer(scalar("half", 0.5))
        .node(node("scaled", "Div", List.of("x", "divisor")))
        .node(node("erf", "Erf", List.of("scaled")))
        .node(node("one_more", "Add", List.of("erf", "one")))
        .node(node("halved", "Mul", List.of("half", "one_more")))
        .node(node("y", "Mul", List.of("x", "halved")));
  }

  @Test
  void theErrorFunctionBecomesTheKernel() {
    PassFixture fixture =
        apply(model(18, "n", GeluKernelFusionTest::written))
            .check(
                """
                y: com.microsoft.Gelu(x) -> y
                return y
                """)
            .checkNote("y", Kind.CHANGED, "became one")
            .checkSound(1e-5);
    float[] edges = {
      -0f, Float.MIN_VALUE, -30, 30, 1e30f, -1e30f, Float.POSITIVE_INFINITY, Float.NaN
    };
    fixture.checkEquivalent(1e-6, Map.of("x", Tensor.of(edges, edges.length)));
  }

  @Test
  void whatElseIsReadStays() {
    for (String between : List.of("erf", "one_more", "halved")) {
      apply(model(18, "n", g -> written(g).output(floats(between)))).checkUnchanged();
    }
  }

  @Test
  void anOpsetWithGeluNeedsNoKernel() {
    apply(model(20, "n", GeluKernelFusionTest::written)).checkNotApplied("has Gelu itself");
  }
}

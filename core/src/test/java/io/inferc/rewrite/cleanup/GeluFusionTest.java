package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;

import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote.Kind;
import io.inferc.testing.PassFixture;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeluFusionTest {
  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new GeluFusion()).model(model);
  }

  /** {@code one_more = 1 + erf(x / divisor)}. */
  private static GraphBuilder erf(GraphBuilder g, double divisor) {
    return g.initializer(scalar("divisor", divisor))
        .initializer(scalar("one", 1))
        .initializer(scalar("half", 0.5))
        .node(node("scaled", "Div", List.of("x", "divisor")))
        .node(node("erf", "Erf", List.of("scaled")))
        .node(node("one_more", "Add", List.of("erf", "one")));
  }

  private static OnnxModel common(int opset, double divisor) {
    return model(
        opset,
        "n",
        g ->
            erf(g, divisor)
                .node(node("product", "Mul", List.of("x", "one_more")))
                .node(node("y", "Mul", List.of("product", "half"))));
  }

  @Test
  void theErrorFunctionBecomesGelu() {
    apply(common(20, Math.sqrt(2)))
        .check(
            """
            y: Gelu(x) -> y
            return y
            """)
        .checkNote("y", Kind.CHANGED, "became one")
        .checkSound(1e-5);
  }

  @Test
  void theHalfMayComeFirstOrInTheMiddle() {
    apply(
            model(
                20,
                "n",
                g ->
                    erf(g, Math.sqrt(2))
                        .node(node("halved", "Mul", List.of("half", "one_more")))
                        .node(node("y", "Mul", List.of("x", "halved")))))
        .checkChanged()
        .checkSound(1e-5);
    apply(
            model(
                20,
                "n",
                g ->
                    erf(g, Math.sqrt(2))
                        .node(node("halved", "Mul", List.of("x", "half")))
                        .node(node("y", "Mul", List.of("halved", "one_more")))))
        .checkChanged()
        .checkSound(1e-5);
  }

  @Test
  void theApproximationByTanhIsKept() {
    apply(tanh("Pow", "three"))
        .check(
            """
            y: Gelu(x) -> y {approximate="tanh"}
            return y
            """)
        .checkSound(1e-5);
    apply(tanh("Mul", "square")).checkChanged().checkSound(1e-5);
  }

  private static OnnxModel tanh(String cube, String with) {
    return model(
        20,
        "n",
        g -> {
          g.initializer(scalar("small", 0.044715))
              .initializer(scalar("root", Math.sqrt(2 / Math.PI)))
              .initializer(scalar("one", 1))
              .initializer(scalar("half", 0.5));
          if (cube.equals("Pow")) {
            g.initializer(scalar("three", 3));
          } else {
            g.node(node("square", "Mul", List.of("x", "x")));
          }
          return g.node(node("cube", cube, List.of("x", with)))
              .node(node("bent", "Mul", List.of("small", "cube")))
              .node(node("sum", "Add", List.of("x", "bent")))
              .node(node("inner", "Mul", List.of("sum", "root")))
              .node(node("tanh", "Tanh", List.of("inner")))
              .node(node("one_more", "Add", List.of("one", "tanh")))
              .node(node("halved", "Mul", List.of("half", "x")))
              .node(node("y", "Mul", List.of("halved", "one_more")));
        });
  }

  @Test
  void anOldOpsetIsLeftAloneWithTheReason() {
    apply(common(19, Math.sqrt(2))).checkNotApplied("opset 20");
  }

  @Test
  void otherConstantsAreOtherFunctions() {
    apply(common(20, 1.4142)).checkUnchanged();
  }

  @Test
  void tensorsInTheMiddleThatOthersReadKeepThePieces() {
    for (String middle : List.of("scaled", "erf", "one_more", "product")) {
      apply(
              model(
                  20,
                  "n",
                  g ->
                      erf(g, Math.sqrt(2))
                          .node(node("product", "Mul", List.of("x", "one_more")))
                          .node(node("y", "Mul", List.of("product", "half")))
                          .output(floats(middle))))
          .checkUnchanged();
    }
  }

  @Test
  void constantsWithMoreDimensionsThanXWouldChangeTheShapeOfTheResult() {
    for (String shape : List.of("n", "n, 4")) {
      PassFixture fixture =
          apply(
              model(
                  20,
                  shape,
                  g ->
                      erf(g, Math.sqrt(2))
                          .initializer(Initializer.floats("wide", new float[] {0.5f}, 1, 1))
                          .node(node("product", "Mul", List.of("x", "one_more")))
                          .node(node("y", "Mul", List.of("product", "wide")))));
      if (shape.equals("n")) {
        fixture.checkUnchanged().checkNote("y", Kind.LEFT_ALONE, "more dimensions");
      } else {
        fixture.checkChanged().checkSound(1e-5);
      }
    }
  }

  @Test
  void tanhForItsOwnSakeStays() {
    apply(model(20, "n", g -> g.node(node("y", "Tanh", List.of("x"))))).checkUnchanged();
  }
}

package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote.Kind;
import io.inferc.testing.PassFixture;
import io.inferc.testing.TestGraphs;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class LayerNormFusionTest {
  private static final Initializer SCALE = Initializer.floats("scale", new float[] {1, 2, 3, 4}, 4);
  private static final Initializer BIAS = Initializer.floats("bias", new float[] {4, 3, 2, 1}, 4);

  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new LayerNormFusion()).model(model);
  }

  /** Everything up to the division by the standard deviation, over one axis. */
  private static UnaryOperator<GraphBuilder> normalized(int opset, long axis) {
    return normalized(opset, axis, "x");
  }

  private static UnaryOperator<GraphBuilder> normalized(int opset, long axis, String x) {
    return g -> {
      List<String> first = opset >= 18 ? List.of(x, "axes") : List.of(x);
      List<String> second = opset >= 18 ? List.of("square", "axes") : List.of("square");
      Attribute[] axes =
          opset >= 18 ? new Attribute[0] : new Attribute[] {Attribute.ofInts("axes", axis)};
      if (opset >= 18) {
        g.initializer(longs("axes", axis));
      }
      return g.initializer(scalar("two", 2))
          .initializer(scalar("epsilon", 1e-5))
          .node(node("mean", "ReduceMean", first, axes))
          .node(node("centered", "Sub", List.of(x, "mean")))
          .node(node("square", "Pow", List.of("centered", "two")))
          .node(node("variance", "ReduceMean", second, axes))
          .node(node("sum", "Add", List.of("variance", "epsilon")))
          .node(node("root", "Sqrt", List.of("sum")))
          .node(node("normal", "Div", List.of("centered", "root")));
    };
  }

  private static OnnxModel whole(int opset, long axis, String shape) {
    return model(
        opset,
        shape,
        g ->
            normalized(opset, axis)
                .apply(g.initializer(SCALE).initializer(BIAS))
                .node(node("scaled", "Mul", List.of("normal", "scale")))
                .node(node("y", "Add", List.of("bias", "scaled"))));
  }

  @Test
  void thePiecesBecomeOneOperator() {
    for (int opset : new int[] {17, 18, 21}) {
      apply(whole(opset, -1, "n, 4"))
          .check(
              """
              const scale: FLOAT32[4] = [1.0, 2.0, 3.0, 4.0]
              const bias: FLOAT32[4] = [4.0, 3.0, 2.0, 1.0]
              y: LayerNormalization(x, scale, bias) -> y {axis=-1, epsilon=1.0E-5}
              return y
              """)
          .checkNote("y", Kind.CHANGED, "became one")
          .checkSound(1e-5);
    }
  }

  @Test
  void anAxisCountedFromTheFrontMustBeTheLast() {
    apply(whole(17, 1, "n, 4")).checkChanged().checkSound(1e-5);
    apply(whole(17, 0, "4, 4"))
        .checkUnchanged()
        .checkNote("mean", Kind.LEFT_ALONE, "last axis alone");
  }

  @Test
  void squaresMayBeProductsAndTheBiasMayBeMissing() {
    apply(
            model(
                17,
                "n, 4",
                g ->
                    g.initializer(SCALE)
                        .initializer(scalar("epsilon", 1e-5))
                        .node(
                            node("mean", "ReduceMean", List.of("x"), Attribute.ofInts("axes", -1)))
                        .node(node("centered", "Sub", List.of("x", "mean")))
                        .node(node("square", "Mul", List.of("centered", "centered")))
                        .node(
                            node(
                                "variance",
                                "ReduceMean",
                                List.of("square"),
                                Attribute.ofInts("axes", -1)))
                        .node(node("sum", "Add", List.of("epsilon", "variance")))
                        .node(node("root", "Sqrt", List.of("sum")))
                        .node(node("normal", "Div", List.of("centered", "root")))
                        .node(node("scaled", "Mul", List.of("scale", "normal")))
                        .node(node("y", "Add", List.of("scaled", "x")))))
        .check(
            """
            const scale: FLOAT32[4] = [1.0, 2.0, 3.0, 4.0]
            scaled: LayerNormalization(x, scale) -> scaled {axis=-1, epsilon=1.0E-5}
            y: Add(scaled, x) -> y
            return y
            """)
        .checkSound(1e-5);
  }

  @Test
  void anOldOpsetIsLeftAloneWithTheReason() {
    apply(whole(16, -1, "n, 4")).checkNotApplied("opset 17");
  }

  @Test
  void tensorsInTheMiddleThatOthersReadKeepThePieces() {
    for (String middle : List.of("mean", "centered", "variance", "normal")) {
      apply(
              model(
                  17,
                  "n, 4",
                  g ->
                      normalized(17, -1)
                          .apply(g.initializer(SCALE).initializer(BIAS))
                          .node(node("scaled", "Mul", List.of("normal", "scale")))
                          .node(node("y", "Add", List.of("bias", "scaled")))
                          .output(floats(middle))))
          .checkUnchanged();
    }
  }

  @Test
  void aScaleOfAnotherShapeKeepsThePieces() {
    Initializer one = Initializer.floats("scale", new float[] {2}, 1);
    Initializer matrix = Initializer.floats("scale", new float[] {1, 2, 3, 4}, 1, 4);
    for (Initializer scale : List.of(one, matrix)) {
      apply(
              model(
                  17,
                  "n, 4",
                  g ->
                      normalized(17, -1)
                          .apply(g.initializer(scale).initializer(BIAS))
                          .node(node("scaled", "Mul", List.of("normal", "scale")))
                          .node(node("y", "Add", List.of("bias", "scaled")))))
          .checkUnchanged();
    }
  }

  @Test
  void aLastAxisOfUnknownSizeMayBeBroadcast() {
    apply(whole(17, -1, "n, m"))
        .checkUnchanged()
        .checkNote("mean", Kind.LEFT_ALONE, "size of the last axis");
  }

  @Test
  void whatMakesTheInputMayTellTheSizeOfItsLastAxis() {
    apply(
            model(
                17,
                "n, 3",
                g ->
                    normalized(17, -1, "h")
                        .apply(
                            g.initializer(SCALE)
                                .initializer(BIAS)
                                .initializer(TestGraphs.weights("w", 3, 4))
                                .node(node("g", "MatMul", List.of("x", "w")))
                                .node(node("h", "Add", List.of("bias", "g"))))
                        .node(node("scaled", "Mul", List.of("normal", "scale")))
                        .node(node("y", "Add", List.of("bias", "scaled")))))
        .checkChanged()
        .checkSound(1e-5);
  }

  @Test
  void anEpsilonWithMoreDimensionsThanXKeepsThePieces() {
    Initializer wide = Initializer.floats("epsilon", new float[] {1e-5f}, 1, 1);
    OnnxModel model = whole(17, -1, "4");
    apply(model.withGraph(model.graph().edit().putInitializer(wide).build())).checkUnchanged();
  }
}

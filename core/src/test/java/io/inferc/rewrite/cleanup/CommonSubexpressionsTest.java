package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote.Kind;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import io.inferc.testing.SmallModels;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommonSubexpressionsTest {
  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new CommonSubexpressions()).model(model);
  }

  @Test
  void chainsThatComputeTheSameBecomeOne() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.initializer(scalar("one", 1))
                        .initializer(scalar("uno", 1))
                        .initializer(longs("integer", 1))
                        .node(node("a", "Add", List.of("x", "one")))
                        .node(node("b", "Add", List.of("x", "uno")))
                        .node(node("c", "LeakyRelu", List.of("a"), Attribute.of("alpha", 0.1f)))
                        .node(node("d", "LeakyRelu", List.of("b"), Attribute.of("alpha", 0.1f)))
                        .node(node("e", "LeakyRelu", List.of("b"), Attribute.of("alpha", 0.2f)))
                        .node(node("y", "Sum", List.of("c", "d", "e")))))
        .check(
            """
            const one: FLOAT32[] = [1.0]
            const integer: INT64[1] = [1]
            a: Add(x, one) -> a
            c: LeakyRelu(a) -> c {alpha=0.1}
            e: LeakyRelu(a) -> e {alpha=0.2}
            y: Sum(c, c, e) -> y
            return y
            """)
        .checkNote("d", Kind.CHANGED, "'c' computes the same")
        .checkSound(0);
  }

  @Test
  void constantNodesOfOneValueBecomeOne() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.node(node("k", "Constant", List.of(), Attribute.of("value_float", 2f)))
                        .node(node("l", "Constant", List.of(), Attribute.of("value_float", 2f)))
                        .node(node("m", "Constant", List.of(), Attribute.of("value_float", 3f)))
                        .node(node("a", "Mul", List.of("x", "k")))
                        .node(node("b", "Div", List.of("a", "l")))
                        .node(node("y", "Mul", List.of("b", "m")))))
        .check(
            """
            k: Constant() -> k {value_float=2.0}
            m: Constant() -> m {value_float=3.0}
            a: Mul(x, k) -> a
            b: Div(a, k) -> b
            y: Mul(b, m) -> y
            return y
            """)
        .checkSound(0);
  }

  @Test
  void zerosOfUnlikeSignAreNotTheSame() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.initializer(scalar("plus", 0.0))
                        .initializer(scalar("minus", -0.0))
                        .node(node("a", "Div", List.of("x", "plus")))
                        .node(node("b", "Div", List.of("x", "minus")))
                        .node(node("y", "Max", List.of("a", "b")))))
        .checkUnchanged();
  }

  @Test
  void randomNumbersAreDrawnAsOftenAsBefore() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.node(node("a", "RandomNormalLike", List.of("x")))
                        .node(node("b", "RandomNormalLike", List.of("x")))
                        .node(node("y", "Sub", List.of("a", "b")))))
        .checkUnchanged();
  }

  @Test
  void eachReaderKeepsItsOwnDequantization() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.initializer(scalar("s", 0.1))
                        .initializer(Initializer.longs("z", DataType.UINT8, new long[] {128}))
                        .node(node("q", "QuantizeLinear", List.of("x", "s", "z")))
                        .node(node("a", "DequantizeLinear", List.of("q", "s", "z")))
                        .node(node("b", "DequantizeLinear", List.of("q", "s", "z")))
                        .node(node("y", "Mul", List.of("a", "b")))))
        .checkUnchanged();
  }

  @Test
  void outputsOfTheGraphAndReplaceableConstantsStay() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.input(TensorSpec.of("default", DataType.FLOAT32, 1))
                        .initializer(Initializer.floats("default", new float[] {1}, 1))
                        .initializer(Initializer.floats("one", new float[] {1}, 1))
                        .node(node("a", "Add", List.of("x", "default")))
                        .node(node("y", "Add", List.of("a", "one")))
                        .node(node("z", "Add", List.of("a", "one")))
                        .output(floats("z"))))
        .checkUnchanged();
  }

  @Test
  void graphsInsideNodesStayWhereNothingIsTwice() {
    apply(SmallModels.branches()).checkUnchanged();
  }
}

package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;
import static io.inferc.testing.TestGraphs.weights;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote.Kind;
import io.inferc.tensor.DataType;
import io.inferc.testing.PassFixture;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MatMulMergingTest {
  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new MatMulMerging()).model(model);
  }

  private static Node product(String output, String weight) {
    return node(output, "MatMul", List.of("x", weight));
  }

  @Test
  void projectionsWithBiasBecomeOne() {
    apply(
            model(
                17,
                "n, 3",
                g ->
                    g.initializer(weights("wq", 3, 4))
                        .initializer(weights("wk", 3, 4))
                        .initializer(weights("wv", 3, 5))
                        .initializer(Initializer.floats("bq", new float[] {1, 2, 3, 4}, 4))
                        .initializer(Initializer.floats("bk", new float[] {5, 6, 7, 8}, 4))
                        .initializer(Initializer.floats("bv", new float[] {9, 10, 11, 12, 13}, 5))
                        .node(product("q0", "wq"))
                        .node(node("q", "Add", List.of("q0", "bq")))
                        .node(product("k0", "wk"))
                        .node(node("k", "Add", List.of("bk", "k0")))
                        .node(product("v0", "wv"))
                        .node(node("v", "Add", List.of("v0", "bv")))
                        .node(node("kt", "Transpose", List.of("k")))
                        .node(node("scores", "MatMul", List.of("q", "kt")))
                        .node(node("y", "MatMul", List.of("scores", "v")))))
        .check(
            """
            const q0_merged_weight: FLOAT32[3, 13]
            const q0_merged_bias: FLOAT32[13]
            const q0_merged_widths: INT64[3] = [4, 4, 5]
            q0_merged: MatMul(x, q0_merged_weight) -> q0_merged_out
            q0_merged_add: Add(q0_merged_out, q0_merged_bias) -> q0_merged_sum
            q0_merged_split: Split(q0_merged_sum, q0_merged_widths) -> q, k, v {axis=-1}
            kt: Transpose(k) -> kt
            scores: MatMul(q, kt) -> scores
            y: MatMul(scores, v) -> y
            return y
            """)
        .checkNote("k0", Kind.CHANGED, "merged into 'q0_merged'")
        .checkSound(1e-5);
  }

  @Test
  void projectionsWithoutBiasAreMergedAmongThemselves() {
    apply(
            model(
                17,
                "n, 2",
                g ->
                    g.initializer(weights("w", 2, 2))
                        .initializer(weights("b", 2))
                        .node(product("y", "w"))
                        .node(product("z", "w"))
                        .node(product("p", "w"))
                        .node(node("biased", "Add", List.of("p", "b")))
                        .output(floats("z"))
                        .output(floats("biased"))))
        .check(
            """
            const w: FLOAT32[2, 2] = %s
            const b: FLOAT32[2] = %s
            const y_merged_weight: FLOAT32[2, 4] = %s
            const y_merged_widths: INT64[2] = [2, 2]
            y_merged: MatMul(x, y_merged_weight) -> y_merged_out
            y_merged_split: Split(y_merged_out, y_merged_widths) -> y, z {axis=-1}
            p: MatMul(x, w) -> p
            biased: Add(p, b) -> biased
            return z, biased, y
            """
                .formatted(text("w", 2, 2), text("b", 2), twice()))
        .checkSound(1e-5);
  }

  private static String text(String name, long... dims) {
    return Arrays.toString(weights(name, dims).floats());
  }

  private static String twice() {
    float[] w = weights("w", 2, 2).floats();
    return Arrays.toString(new float[] {w[0], w[1], w[0], w[1], w[2], w[3], w[2], w[3]});
  }

  @Test
  void beforeOpset13TheSizesAreAnAttribute() {
    apply(
            model(
                12,
                "n, 3",
                g ->
                    g.initializer(weights("a", 3, 4))
                        .initializer(weights("b", 3, 5))
                        .node(product("y", "a"))
                        .node(product("z", "b"))
                        .output(floats("z"))))
        .check(
            """
            const y_merged_weight: FLOAT32[3, 9]
            y_merged: MatMul(x, y_merged_weight) -> y_merged_out
            y_merged_split: Split(y_merged_out) -> y, z {axis=-1, split=[4, 5]}
            return z, y
            """)
        .checkSound(1e-5);
  }

  @Test
  void oneProjectionAndProductsOfActivationsStay() {
    apply(
            model(
                17,
                "n, 3",
                g ->
                    g.initializer(weights("w", 3, 3))
                        .node(product("a", "w"))
                        .node(node("xt", "Transpose", List.of("x")))
                        .node(node("b", "MatMul", List.of("x", "xt")))
                        .node(node("y", "MatMul", List.of("b", "a")))))
        .checkUnchanged();
  }

  @Test
  void quantizedWeightsStay() {
    apply(
            model(
                17,
                "n, 2",
                g ->
                    g.initializer(
                            Initializer.longs("q", DataType.INT8, new long[] {1, 2, 3, 4}, 2, 2))
                        .initializer(scalar("s", 0.1))
                        .initializer(Initializer.longs("z", DataType.INT8, new long[] {0}))
                        .node(node("w", "DequantizeLinear", List.of("q", "s", "z")))
                        .node(node("v", "DequantizeLinear", List.of("q", "s", "z")))
                        .node(product("a", "w"))
                        .node(product("b", "v"))
                        .node(node("y", "Add", List.of("a", "b")))))
        .checkUnchanged();
  }

  @Test
  void aBiasThatIsReadBeforeItIsAddedKeepsItsAdd() {
    Initializer w = weights("", 3, 3);
    apply(
            model(
                17,
                "n, 3",
                g ->
                    g.node(node("w", "Constant", List.of(), Attribute.of("value", w)))
                        .initializer(weights("b", 3))
                        .node(product("first", "w"))
                        .node(product("second", "w"))
                        .node(node("sum", "Add", List.of("first", "b")))
                        .node(node("y", "Sum", List.of("sum", "first", "second")))))
        .checkChanged()
        .checkSound(1e-5);
  }
}

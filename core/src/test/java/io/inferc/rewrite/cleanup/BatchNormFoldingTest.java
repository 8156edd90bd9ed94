package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.positive;
import static io.inferc.testing.TestGraphs.scalar;
import static io.inferc.testing.TestGraphs.weights;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote.Kind;
import io.inferc.tensor.DataType;
import io.inferc.testing.PassFixture;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class BatchNormFoldingTest {
  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new BatchNormFolding()).model(model);
  }

  private static Node norm(String output, String input) {
    return node(
        output,
        "BatchNormalization",
        List.of(input, "scale", "offset", "mean", "variance"),
        Attribute.of("epsilon", 0.001f));
  }

  /** A model with the parameters of a normalization of some channels. */
  private static OnnxModel normalized(
      int channels, String shape, UnaryOperator<GraphBuilder> content) {
    return model(
        17,
        shape,
        g ->
            content.apply(
                g.initializer(weights("scale", channels))
                    .initializer(weights("offset", channels))
                    .initializer(weights("mean", channels))
                    .initializer(positive("variance", channels))));
  }

  @Test
  void ofAConvolutionWithoutBias() {
    apply(
            normalized(
                4,
                "n, 2, 5, 5",
                g ->
                    g.initializer(weights("w", 4, 2, 3, 3))
                        .node(node("conv", "Conv", List.of("x", "w")))
                        .node(norm("y", "conv"))))
        .check(
            """
            const w_folded: FLOAT32[4, 2, 3, 3]
            const conv_bias_folded: FLOAT32[4] = %s
            conv: Conv(x, w_folded, conv_bias_folded) -> y
            return y
            """
                .formatted(foldedBias(4)))
        .checkNote("y", Kind.CHANGED, "folded")
        .checkSound(1e-5);
  }

  private static String foldedBias(int channels) {
    double[] s = weights("scale", channels).doubles();
    double[] o = weights("offset", channels).doubles();
    double[] m = weights("mean", channels).doubles();
    double[] v = positive("variance", channels).doubles();
    float[] b = new float[channels];
    for (int i = 0; i < channels; i++) {
      b[i] = (float) (o[i] - m[i] * (s[i] / Math.sqrt(v[i] + 0.001f)));
    }
    return Arrays.toString(b);
  }

  @Test
  void ofGroupedConvolutionsWithBias() {
    for (int group : new int[] {2, 4}) {
      apply(
              normalized(
                  4,
                  "n, 4, 5, 5",
                  g ->
                      g.initializer(weights("w", 4, 4 / group, 3, 3))
                          .initializer(weights("b", 4))
                          .node(
                              node(
                                  "conv",
                                  "Conv",
                                  List.of("x", "w", "b"),
                                  Attribute.of("group", group)))
                          .node(norm("y", "conv"))))
          .checkChanged()
          .checkSound(1e-5);
    }
  }

  @Test
  void ofGroupedTransposedConvolutions() {
    for (int group : new int[] {1, 2}) {
      apply(
              normalized(
                  6,
                  "n, 4, 3, 3",
                  g ->
                      g.initializer(weights("w", 4, 6 / group, 2, 2))
                          .initializer(weights("b", 6))
                          .node(
                              node(
                                  "conv",
                                  "ConvTranspose",
                                  List.of("x", "w", "b"),
                                  Attribute.of("group", group)))
                          .node(norm("y", "conv"))))
          .checkChanged()
          .checkSound(1e-5);
    }
  }

  @Test
  void ofGemmInAllItsForms() {
    for (int transposed = 0; transposed < 2; transposed++) {
      for (long[] bias : new long[][] {{5}, {1, 5}, {}, {1}}) {
        int transB = transposed;
        apply(
                normalized(
                    5,
                    "n, 3",
                    g ->
                        g.initializer(transB == 1 ? weights("w", 5, 3) : weights("w", 3, 5))
                            .initializer(weights("b", bias))
                            .node(
                                node(
                                    "fc",
                                    "Gemm",
                                    List.of("x", "w", "b"),
                                    Attribute.of("transB", transB),
                                    Attribute.of("alpha", 0.5f),
                                    Attribute.of("beta", 0.7f)))
                            .node(norm("y", "fc"))))
            .checkChanged()
            .checkSound(1e-5);
      }
    }
  }

  @Test
  void weightsThatOthersShareAreCopied() {
    apply(
            normalized(
                2,
                "n, 2, 3, 3",
                g ->
                    g.initializer(weights("w", 2, 2, 1, 1))
                        .node(node("conv", "Conv", List.of("x", "w")))
                        .node(norm("normal", "conv"))
                        .node(node("y", "Conv", List.of("normal", "w")))))
        .check(
            """
            const w: FLOAT32[2, 2, 1, 1] = %s
            const w_folded: FLOAT32[2, 2, 1, 1] = %s
            const conv_bias_folded: FLOAT32[2] = %s
            conv: Conv(x, w_folded, conv_bias_folded) -> normal
            y: Conv(normal, w) -> y
            return y
            """
                .formatted(
                    Arrays.toString(weights("w", 2, 2, 1, 1).floats()),
                    foldedWeight(),
                    foldedBias(2)))
        .checkSound(1e-5);
  }

  private static String foldedWeight() {
    float[] w = weights("w", 2, 2, 1, 1).floats();
    double[] s = weights("scale", 2).doubles();
    double[] v = positive("variance", 2).doubles();
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (w[i] * (s[i / 2] / Math.sqrt(v[i / 2] + 0.001f)));
    }
    return Arrays.toString(w);
  }

  @Test
  void weightsInConstantNodesAndTwoNormalizationsInARow() {
    Initializer w = weights("", 4, 2, 3, 3);
    apply(
            normalized(
                4,
                "n, 2, 5, 5",
                g ->
                    g.node(node("w", "Constant", List.of(), Attribute.of("value", w)))
                        .node(node("conv", "Conv", List.of("x", "w")))
                        .node(norm("once", "conv"))
                        .node(norm("y", "once"))))
        .check(
            """
            const w_folded_folded: FLOAT32[4, 2, 3, 3]
            const conv_bias_folded_folded: FLOAT32[4] = %s
            conv: Conv(x, w_folded_folded, conv_bias_folded_folded) -> y
            return y
            """
                .formatted(foldedTwice()))
        .checkSound(1e-4);
  }

  private static String foldedTwice() {
    double[] s = weights("scale", 4).doubles();
    double[] o = weights("offset", 4).doubles();
    double[] m = weights("mean", 4).doubles();
    double[] v = positive("variance", 4).doubles();
    float[] b = new float[4];
    for (int i = 0; i < 4; i++) {
      double factor = s[i] / Math.sqrt(v[i] + 0.001f);
      float once = (float) ((0 - m[i]) * factor + o[i]);
      b[i] = (float) ((once - m[i]) * factor + o[i]);
    }
    return Arrays.toString(b);
  }

  @Test
  void aLayerWhoseOutputOthersReadIsLeftAlone() {
    apply(
            normalized(
                2,
                "n, 2, 3, 3",
                g ->
                    g.initializer(weights("w", 2, 2, 1, 1))
                        .node(node("conv", "Conv", List.of("x", "w")))
                        .node(norm("normal", "conv"))
                        .node(node("y", "Add", List.of("normal", "conv")))))
        .checkUnchanged()
        .checkNote("normal", Kind.LEFT_ALONE, "others read");
    apply(
            normalized(
                2,
                "n, 2, 3, 3",
                g ->
                    g.initializer(weights("w", 2, 2, 1, 1))
                        .node(node("conv", "Conv", List.of("x", "w")))
                        .node(norm("y", "conv"))
                        .output(floats("conv"))))
        .checkUnchanged();
  }

  @Test
  void quantizedWeightsAreLeftAlone() {
    apply(
            normalized(
                2,
                "n, 1, 3, 3",
                g ->
                    g.initializer(
                            Initializer.longs("q", DataType.INT8, new long[] {1, 2}, 2, 1, 1, 1))
                        .initializer(scalar("s", 0.1))
                        .initializer(Initializer.longs("z", DataType.INT8, new long[] {0}))
                        .node(node("w", "DequantizeLinear", List.of("q", "s", "z")))
                        .node(node("conv", "Conv", List.of("x", "w")))
                        .node(norm("y", "conv"))))
        .checkUnchanged()
        .checkNote("y", Kind.LEFT_ALONE, "weights of 'conv'");
  }

  @Test
  void normalizationBehindOtherOperatorsIsLeftAlone() {
    apply(
            normalized(
                2, "n, 2, 3, 3", g -> g.node(node("r", "Relu", List.of("x"))).node(norm("y", "r"))))
        .checkUnchanged()
        .checkNote("y", Kind.LEFT_ALONE, "no Conv");
  }

  @Test
  void weightsThatWouldOverflowAreLeftAlone() {
    apply(
            normalized(
                2,
                "n, 1, 3, 3",
                g ->
                    g.initializer(Initializer.floats("w", new float[] {3e38f, -3e38f}, 2, 1, 1, 1))
                        .initializer(Initializer.floats("big", new float[] {9, 9}, 2))
                        .node(node("conv", "Conv", List.of("x", "w")))
                        .node(
                            node(
                                "y",
                                "BatchNormalization",
                                List.of("conv", "big", "offset", "mean", "variance")))))
        .checkUnchanged()
        .checkNote("y", Kind.LEFT_ALONE, "not be finite");
  }
}

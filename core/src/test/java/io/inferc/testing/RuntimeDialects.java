package io.inferc.testing;

import io.inferc.spi.IntegerKernels;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.QuantizationDialect;
import io.inferc.spi.QuantizationDialect.BiasRule;
import io.inferc.spi.QuantizationDialect.FanOutRule;
import io.inferc.spi.QuantizationDialect.OutputRule;
import io.inferc.spi.QuantizationDialect.ResidualRule;
import io.inferc.tensor.DataType;
import java.util.Optional;
import java.util.Set;

/**
 * The forms of Q/DQ that the back ends declare, for tests of core, which sees no back end. A test
 * of each back end holds its own against the one here, by {@link #describe}.
 */
public final class RuntimeDialects {
  /** ONNX Runtime on a CPU that adds products of bytes in 32 bits. */
  public static final QuantizationDialect ONNX_RUNTIME = onnxRuntime(false);

  /** The same with weights of 7 bits, for processors that add products in 16 bits. */
  public static final QuantizationDialect ONNX_RUNTIME_REDUCED = onnxRuntime(true);

  private static final KernelRule GROUPS =
      KernelRule.of("groups of 4 channels, or of one", use -> Optional.empty());

  private static final KernelRule NEIGHBOURS =
      KernelRule.of("neighbours that have integer kernels", use -> Optional.empty());

  /** TensorRT. */
  public static final QuantizationDialect TENSORRT = tensorRt(16);

  /** TensorRT's, but for products of any size: small networks have no others. */
  public static final QuantizationDialect TENSORRT_ANY_SIZE = tensorRt(1);

  /** MIGraphX, which computes no ConvTranspose in integers. */
  public static final QuantizationDialect MIGRAPHX =
      QuantizationDialect.builder("migraphx")
          .activations(DataType.INT8, true)
          .perChannelWeights(true)
          .outputs(OutputRule.AS_READ)
          .residuals(ResidualRule.SKIP_ONLY)
          .biases(BiasRule.FLOAT)
          .fanOut(FanOutRule.SHARED_PAIR)
          .kernels(IntegerKernels.builder().operators(Set.of("Conv", "Gemm", "MatMul")).build())
          .build();

  private static final KernelRule TAKES_SCALES =
      KernelRule.never("it would take the scales of a layer.");

  private static final KernelRule WRITES_BYTES =
      KernelRule.never("it would be computed in the bytes of what comes behind it.");

  private static final KernelRule MORE_THAN_ROWS =
      KernelRule.of("more than two dimensions", use -> Optional.empty());

  /** OpenVINO. */
  public static final QuantizationDialect OPENVINO =
      QuantizationDialect.builder("openvino")
          .activations(DataType.UINT8, false)
          .outputs(OutputRule.AS_READ)
          .residuals(ResidualRule.SKIP_ONLY)
          .biases(BiasRule.FLOAT)
          .fanOut(FanOutRule.SHARED_PAIR)
          .kernels(
              IntegerKernels.builder()
                  .transparentOperators(
                      Set.of(
                          "MaxPool",
                          "Reshape",
                          "Transpose",
                          "Squeeze",
                          "Unsqueeze",
                          "Flatten",
                          "Concat",
                          "Split",
                          "Slice",
                          "Gather",
                          "Tile"))
                  .kernelRules(
                      KernelRules.builder()
                          .rule(
                              "MatMul",
                              KernelRule.of(
                                  "two dimensions where the weights are constant",
                                  use -> Optional.empty()))
                          .build())
                  .directReaders(
                      KernelRules.builder()
                          .rule(
                              "Conv",
                              KernelRule.of(
                                  "known sizes, a bias or one reader", use -> Optional.empty()))
                          .rule("Gemm", MORE_THAN_ROWS)
                          .rule("MatMul", MORE_THAN_ROWS)
                          .build())
                  .directInputs(
                      KernelRules.builder()
                          .rule("GlobalAveragePool", TAKES_SCALES)
                          .rule("GlobalMaxPool", TAKES_SCALES)
                          .rule("ReduceMean", KernelRule.number("keepdims", 1, 1))
                          .rule("ReduceSum", KernelRule.number("keepdims", 1, 1))
                          .rule("ReduceMax", KernelRule.number("keepdims", 1, 1))
                          .rule("ReduceMin", KernelRule.number("keepdims", 1, 1))
                          .build())
                  .quantizedResults(
                      KernelRules.builder()
                          .rule("GlobalMaxPool", WRITES_BYTES)
                          .rule("ReduceMax", WRITES_BYTES)
                          .rule("ReduceMin", WRITES_BYTES)
                          .build())
                  .weightedSums(false)
                  .signedProducts(true)
                  .build())
          .build();

  private RuntimeDialects() {}

  private static QuantizationDialect onnxRuntime(boolean reduced) {
    return QuantizationDialect.builder("onnxruntime")
        .activations(DataType.UINT8, false)
        .outputs(OutputRule.QUANTIZED)
        .residuals(ResidualRule.BOTH_BRANCHES)
        .biases(BiasRule.INT32)
        .fanOut(FanOutRule.ONE_DEQUANTIZE_PER_READER)
        .reducedWeightRange(reduced)
        .kernels(
            IntegerKernels.builder()
                .operators(
                    Set.of(
                        "Conv",
                        "MatMul",
                        "Gemm",
                        "Add",
                        "Mul",
                        "AveragePool",
                        "GlobalAveragePool",
                        "LeakyRelu",
                        "Sigmoid",
                        "Concat",
                        "Where",
                        "Split"))
                .transparentOperators(
                    Set.of(
                        "MaxPool",
                        "Reshape",
                        "Transpose",
                        "Gather",
                        "Slice",
                        "Squeeze",
                        "Unsqueeze",
                        "Tile",
                        "Expand",
                        "Flatten",
                        "Resize"))
                .kernelRules(
                    KernelRules.builder()
                        .rule(
                            "AveragePool",
                            KernelRule.without("dilations")
                                .and(KernelRule.number("count_include_pad", 0, 0)))
                        .rule(
                            "Resize",
                            KernelRule.without("axes")
                                .and(KernelRule.text("mode", "nearest", "nearest", "linear"))
                                .and(KernelRule.number("exclude_outside", 0, 0)))
                        .rule("Pad", KernelRule.without(3))
                        .build())
                .dynamic(true)
                .build())
        .build();
  }

  private static QuantizationDialect tensorRt(int leastProduct) {
    return QuantizationDialect.builder("tensorrt")
        .activations(DataType.INT8, true)
        .perChannelWeights(true)
        .outputs(OutputRule.AS_READ)
        .residuals(ResidualRule.SKIP_ONLY)
        .biases(BiasRule.FLOAT)
        .fanOut(FanOutRule.SHARED_PAIR)
        .halfPrecisionScales(true)
        .halfPrecisionEpilogues(false)
        .kernels(
            IntegerKernels.builder()
                .operators(Set.of("Conv", "ConvTranspose", "Gemm", "MatMul"))
                .minimumReduction(leastProduct)
                .activationProducts(false)
                .kernelRules(
                    KernelRules.builder()
                        .rule("Conv", KernelRule.rank(0, 4, 5).and(GROUPS).and(NEIGHBOURS))
                        .rule("ConvTranspose", KernelRule.rank(0, 4, 5).and(GROUPS).and(NEIGHBOURS))
                        .rule("Gemm", NEIGHBOURS)
                        .rule("MatMul", NEIGHBOURS)
                        .build())
                .build())
        .build();
  }

  /**
   * Writes a dialect down in full.
   *
   * @param dialect the dialect
   * @return one line for each of its properties: equal texts say equal dialects
   */
  public static String describe(QuantizationDialect dialect) {
    return String.join(
        "\n",
        "name " + dialect.name(),
        "activations " + dialect.activationType(),
        "symmetric " + dialect.symmetricActivations(),
        "7 bits " + dialect.reducedWeightRange(),
        "per channel " + dialect.perChannelWeights(),
        "outputs " + dialect.outputRule(),
        "residuals " + dialect.residualRule(),
        "biases " + dialect.biasRule(),
        "fan-out " + dialect.fanOutRule(),
        "operators " + dialect.kernels().operators(),
        "transparent " + dialect.kernels().transparentOperators(),
        "kernels " + dialect.kernels().kernelRules(),
        "direct readers " + dialect.kernels().directReaders(),
        "direct inputs " + dialect.kernels().directInputs(),
        "quantized results " + dialect.kernels().quantizedResults(),
        "dynamic " + dialect.kernels().dynamic(),
        "least product " + dialect.kernels().minimumReduction(),
        "activation products " + dialect.kernels().activationProducts(),
        "weighted sums " + dialect.kernels().weightedSums(),
        "signed products " + dialect.kernels().signedProducts(),
        "half scales " + dialect.halfPrecisionScales(),
        "half epilogues " + dialect.halfPrecisionEpilogues());
  }
}

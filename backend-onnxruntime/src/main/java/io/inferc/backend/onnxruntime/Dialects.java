package io.inferc.backend.onnxruntime;

import io.inferc.spi.CpuFlags;
import io.inferc.spi.IntegerKernels;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.QuantizationDialect;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.tensor.DataType;
import java.util.Set;

/** The forms of Q/DQ that ONNX Runtime turns into integer kernels. */
final class Dialects {
  // Without Softmax: its integer kernel overflows on an axis of one element, where it gives 0 for
  // 1, and takes two to three times as long as the one in floating point.
  private static final Set<String> OPERATORS =
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
          "Split");

  private static final Set<String> TRANSPARENT =
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
          "Resize");

  // Pooling has the attributes of opset 11, and counts padding wrongly where sizes are rounded up.
  // What moves convolutions in integers to another layout takes Resize and Pad along, but not their
  // axes, nor what the kernels of Resize compute in one layout only.
  private static final KernelRules RULES =
      KernelRules.builder()
          .rule(
              "AveragePool",
              KernelRule.without("dilations").and(KernelRule.number("count_include_pad", 0, 0)))
          .rule(
              "Resize",
              KernelRule.without("axes")
                  .and(KernelRule.text("mode", "nearest", "nearest", "linear"))
                  .and(KernelRule.number("exclude_outside", 0, 0)))
          .rule("Pad", KernelRule.without(3))
          .build();

  private Dialects() {}

  /**
   * Returns the dialect of the CPU provider.
   *
   * @param flags the processor's architecture and flags, as {@link CpuFlags#describe()} has them
   */
  static QuantizationDialect cpu(String flags) {
    return QuantizationDialect.builder("onnxruntime")
        .activations(DataType.UINT8, false)
        .outputs(QuantizationDialect.OutputRule.QUANTIZED)
        .residuals(QuantizationDialect.ResidualRule.BOTH_BRANCHES)
        .biases(QuantizationDialect.BiasRule.INT32)
        .fanOut(QuantizationDialect.FanOutRule.ONE_DEQUANTIZE_PER_READER)
        .reducedWeightRange(!CpuFlags.addsBytesIn32Bits(flags))
        .kernels(
            IntegerKernels.builder()
                .operators(OPERATORS)
                .transparentOperators(TRANSPARENT)
                .kernelRules(RULES)
                .dynamic(true)
                .dynamicLstm(true)
                .embeddingTables(true)
                .build())
        .build();
  }

  /**
   * Returns the form of weights in blocks that the CPU provider has. Levels 1 to 3 of accuracy are
   * as 0 for FLOAT32; at 4 activations are rounded to 8 bits in blocks.
   */
  static WeightOnlyForm weights() {
    return WeightOnlyForm.builder(WeightOnlyForm.Product.MATMUL_NBITS)
        .tables(WeightOnlyForm.Tables.GATHER_BLOCK_QUANTIZED)
        .accuracyLevels(0, 4)
        .halfScales(true)
        .types(Set.of(DataType.FLOAT32, DataType.FLOAT16))
        .build();
  }
}

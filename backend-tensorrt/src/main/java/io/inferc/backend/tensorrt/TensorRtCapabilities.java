package io.inferc.backend.tensorrt;

import io.inferc.spi.Capabilities;
import io.inferc.spi.IntegerKernels;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import io.inferc.spi.PreferredForm;
import io.inferc.spi.QuantizationDialect;
import io.inferc.spi.QuantizationDialect.BiasRule;
import io.inferc.spi.QuantizationDialect.FanOutRule;
import io.inferc.spi.QuantizationDialect.OutputRule;
import io.inferc.spi.QuantizationDialect.ResidualRule;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** What TensorRT can be asked for on a GPU. */
final class TensorRtCapabilities {
  private static final int FIRST_WITH_TF32_AND_BF16 = 8;

  /** Below this inner or outer size a matrix product has no integer kernel worth the conversion. */
  private static final int LEAST_PRODUCT = 16;

  private TensorRtCapabilities() {}

  static Capabilities of(GpuInfo gpu) {
    Capabilities.Builder capabilities = Capabilities.builder();
    precisions(gpu).forEach(capabilities::precision);
    return capabilities
        .dataTypes(Types.of(gpu))
        .memoryKinds(EnumSet.of(MemoryKind.PINNED, MemoryKind.DEVICE))
        .bufferMemory(MemoryKind.PINNED)
        .dynamicShapes(Capabilities.DynamicShapes.WITHIN_PROFILES)
        .dataDependentOutputs(false)
        .savable(true)
        .intermediateOutputs(false)
        .preferredForm(PreferredForm.builder().dialect(dialect()).weightOnly(weights()).build())
        .build();
  }

  /** The one list of precisions: networks are strongly typed, so all but TF32 is in the model. */
  private static Map<NumericPrecision, PrecisionSupport> precisions(GpuInfo gpu) {
    Map<NumericPrecision, PrecisionSupport> precisions = new EnumMap<>(NumericPrecision.class);
    precisions.put(NumericPrecision.FP32, PrecisionSupport.IN_MODEL);
    precisions.put(NumericPrecision.FP16, PrecisionSupport.IN_MODEL);
    precisions.put(NumericPrecision.INT8, PrecisionSupport.IN_MODEL);
    precisions.put(NumericPrecision.WEIGHTS4, PrecisionSupport.IN_MODEL);
    if (gpu.major() >= FIRST_WITH_TF32_AND_BF16) {
      precisions.put(NumericPrecision.TF32, PrecisionSupport.HINT);
      precisions.put(NumericPrecision.BF16, PrecisionSupport.IN_MODEL);
    }
    return precisions;
  }

  /**
   * The Q/DQ that TensorRT fuses: INT8 with zero point 0, weights per channel, on the inputs of
   * weighted operators alone, the skip connection of a residual addition, biases in floating point,
   * scales in the type of what is around them. Products of two activations stay in floating point:
   * in integers they keep attention from being fused into one kernel. With FP16 between, a
   * convolution stays in FP32 with a function other than Relu that leads to the next quantization:
   * TensorRT 10.6 ended with a failed assertion where that was a hard swish in FP16.
   */
  static QuantizationDialect dialect() {
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
                .minimumReduction(LEAST_PRODUCT)
                .activationProducts(false)
                .kernelRules(IntegerRules.kernels())
                .build())
        .build();
  }

  /**
   * The weights alone that TensorRT keeps as integers: INT4 with zero point 0, in blocks along the
   * inner dimension of a matrix product. There are none of 8 bits, and no such tables. It is
   * written by the documentation of TensorRT 10 alone, and has not run on a GPU yet; what
   * multiplies in FP16 takes {@code rest(DataType.FLOAT16)} besides.
   */
  static WeightOnlyForm weights() {
    return WeightOnlyForm.builder(WeightOnlyForm.Product.DEQUANTIZE_LINEAR)
        .blocks(8)
        .blocks(4, 64, 128)
        .usualBlocks(128)
        .zeroPoints(false)
        .types(Set.of(DataType.FLOAT32, DataType.FLOAT16))
        .build();
  }
}

package io.inferc.backend.migraphx;

import io.inferc.spi.IntegerKernels;
import io.inferc.spi.QuantizationDialect;
import io.inferc.spi.QuantizationDialect.BiasRule;
import io.inferc.spi.QuantizationDialect.FanOutRule;
import io.inferc.spi.QuantizationDialect.OutputRule;
import io.inferc.spi.QuantizationDialect.ResidualRule;
import io.inferc.tensor.DataType;
import java.util.Set;

/** The form of Q/DQ that MIGraphX turns into integer kernels. */
final class Dialects {
  private Dialects() {}

  /**
   * Returns the only form it has: INT8 around convolutions and matrix products, nothing at their
   * outputs. Pairs of UINT8 are dropped and computed in floating point.
   */
  static QuantizationDialect migraphx() {
    return QuantizationDialect.builder("migraphx")
        .activations(DataType.INT8, true)
        .perChannelWeights(true)
        .outputs(OutputRule.AS_READ)
        .residuals(ResidualRule.SKIP_ONLY)
        .biases(BiasRule.FLOAT)
        .fanOut(FanOutRule.SHARED_PAIR)
        .kernels(IntegerKernels.builder().operators(Set.of("Conv", "Gemm", "MatMul")).build())
        .build();
  }
}

package io.inferc.backend.openvino;

import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import java.util.Set;

/** The form of Q/DQ that OpenVINO turns into integer kernels. */
final class Dialects {
  private static final Set<String> TRANSPARENT =
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
          "Tile");

  private Dialects() {}

  static QuantizationDialect of(Devices.Resolved device) {
    return QuantizationDialect.builder("openvino")
        .activations(DataType.UINT8, false)
        .outputs(QuantizationDialect.OutputRule.AS_READ)
        .residuals(QuantizationDialect.ResidualRule.SKIP_ONLY)
        .biases(QuantizationDialect.BiasRule.FLOAT)
        // A Q with several readers, or a DQ, is not recognised as one quantization step.
        .fanOut(QuantizationDialect.FanOutRule.SHARED_PAIR)
        .transparentOperators(TRANSPARENT)
        .build();
  }
}

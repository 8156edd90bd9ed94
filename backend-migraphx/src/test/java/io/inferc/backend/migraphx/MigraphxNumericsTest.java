package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Precision;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares MIGraphX's reference target with ONNX Runtime on real models, at small sizes. */
class MigraphxNumericsTest {
  @BeforeEach
  void skipWithoutMigraphx() {
    RealLibrary.orSkip();
  }

  private static void assertAgree(RealCase c, Map<String, Tensor> found, double leastCosine) {
    double cosine = Agreement.leastCosine(c.expected(), found);
    assertTrue(cosine >= leastCosine, () -> "cosine " + cosine);
  }

  @ParameterizedTest
  @EnumSource
  void singlePrecisionAgreesWithOnnxRuntime(RealCase c) {
    assertAgree(
        c, c.run(c.compiler(RealCase.TARGET, Precision.fp32()).compile(c.onnx())), 0.999_999);
  }

  @ParameterizedTest
  @EnumSource
  void halfPrecisionAgreesWithOnnxRuntime(RealCase c) {
    assertAgree(c, c.run(c.compiler(RealCase.TARGET, Precision.fp16()).compile(c.onnx())), 0.999);
  }

  @ParameterizedTest
  @EnumSource
  void eightBitsAgreeWithOnnxRuntime(RealCase c) {
    OnnxModel quantized = c.quantized();
    assertTrue(
        quantized.graph().nodes().stream().anyMatch(n -> n.opType().equals("QuantizeLinear")));
    assertAgree(c, c.run(c.compiler(RealCase.TARGET, Precision.fp32()).compile(quantized)), 0.98);
  }
}

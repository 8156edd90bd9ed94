package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares the target under test with ONNX Runtime on real models, at small sizes. */
class MigraphxNumericsTest {
  @BeforeEach
  void skipWithoutMigraphx() {
    RealLibrary.orSkip();
  }

  private static void assertAgree(
      Map<String, Tensor> expected, Map<String, Tensor> found, double leastCosine) {
    double cosine = Agreement.leastCosine(expected, found);
    assertTrue(cosine >= leastCosine, () -> "cosine " + cosine);
  }

  /** MIGraphX has open dimensions for the operators of this model, other than of those of OCR. */
  @Test
  void oneProgramServesEveryBatchSizeOfARealModel() {
    int tokens = 4;
    ShapeProfile profile = ShapeProfile.named("batch");
    for (String input : List.of("input_ids", "attention_mask", "token_type_ids")) {
      profile = profile.input(input, new Range(1, 1, 2), Range.exactly(tokens));
    }
    Target open = RealCase.TARGET.options(MigraphxOptions.builder().openDimensions(true).build());
    OnnxModel model = RealCase.MINILM.onnx();
    try (CompiledModel found = Compiler.forTarget(open).profile(profile).build().compile(model);
        CompiledModel expected =
            Compiler.forTarget(Target.onnxRuntime()).profile(profile).build().compile(model)) {
      for (int batch = 1; batch <= 2; batch++) {
        Map<String, Tensor> inputs = RealInputs.sentences(batch, tokens);
        double cosine = Agreement.leastCosine(expected.run(inputs), found.run(inputs));
        assertTrue(cosine >= 0.999, () -> "cosine " + cosine);
        inputs.values().forEach(Tensor::close);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void singlePrecisionAgreesWithOnnxRuntime(RealCase c) {
    double exact = RealLibrary.isReference() ? 0.999_999 : 0.999;
    assertAgree(
        c.expected(),
        c.run(c.compiler(RealCase.TARGET, Precision.fp32()).compile(c.onnx())),
        exact);
  }

  @ParameterizedTest
  @EnumSource
  void halfPrecisionAgreesWithOnnxRuntime(RealCase c) {
    assertAgree(
        c.expected(),
        c.run(c.compiler(RealCase.TARGET, Precision.fp16()).compile(c.onnx())),
        0.999);
  }

  @ParameterizedTest
  @EnumSource
  void eightBitsAgreeWithOnnxRuntime(RealCase c) {
    OnnxModel quantized = c.quantized();
    assertTrue(
        quantized.graph().nodes().stream().anyMatch(n -> n.opType().equals("QuantizeLinear")));
    // Of the same integers: what quantization itself loses on one input is not MIGraphX's doing.
    assertAgree(
        c.expected(quantized),
        c.run(c.compiler(RealCase.TARGET, Precision.fp32()).compile(quantized)),
        0.98);
  }
}

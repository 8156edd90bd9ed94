package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.half.HalfPrecision;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.spi.PreferredForm;
import io.inferc.tensor.Tensor;
import io.inferc.testing.OperatorCases;
import io.inferc.testing.OperatorCases.Case;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What FP16 makes of operators has a kernel on the CPU and computes the same, where all that may is
 * computed in FP16, as on processors that gain from it.
 *
 * <p>The property {@code inferc.test.kernels.every} is which share of the cases is tried.
 */
class HalfOperatorsTest {
  private static final double LEAST_DB = 40;
  private static final PreferredForm ARITHMETIC =
      PreferredForm.builder()
          .halfPrecisionKernels(HalfKernels.cpu())
          .halfPrecisionArithmetic(true)
          .build();

  static Stream<Case> cases() {
    int every = Integer.getInteger("inferc.test.kernels.every", 11);
    List<Case> all = OperatorCases.all();
    return IntStream.range(0, all.size()).filter(i -> i % every == 0).mapToObj(all::get);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void operatorsBetweenLayersInHalfPrecisionComputeTheSame(Case tried) {
    OnnxModel half =
        PassFixture.of(HalfPrecision.fp16().preferredForm(ARITHMETIC).build())
            .model(tried.model())
            .checkValid()
            .after();
    float[] expected = run(tried, tried.model());
    float[] found = run(tried, half);
    assertEquals(expected.length, found.length);
    double error = 0;
    double power = 0;
    for (int i = 0; i < found.length; i++) {
      error += Math.pow(found[i] - expected[i], 2);
      power += Math.pow(expected[i], 2);
    }
    double sqnr = error == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(power / error);
    assertTrue(sqnr > LEAST_DB, () -> sqnr + " dB");
  }

  private static float[] run(Case tried, OnnxModel model) {
    Compiler compiler = Compiler.forTarget(Target.onnxRuntime()).sessions(1).build();
    try (CompiledModel compiled = compiler.compile(model);
        Outputs outputs = compiled.run(tried.inputs(1))) {
      Tensor only = outputs.values().iterator().next();
      return only.toFloatArray();
    }
  }
}

package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Layers;
import io.inferc.Precision;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.testing.OperatorCases;
import io.inferc.testing.OperatorCases.Case;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What operators compute between layers in integers is what they compute in floating point. */
class IntegerKernelsTest {
  private static final double LEAST_DB = 22;
  private static final int INPUTS = 8;

  // Coprime to the number of forms that cases come in, so that every kind of them is among these.
  private static final int EVERY = Integer.getInteger("inferc.test.kernels.every", 7);

  static Stream<Case> cases() {
    List<Case> all = OperatorCases.all();
    return IntStream.range(0, all.size()).filter(i -> i % EVERY == 0).mapToObj(all::get);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void operatorsBetweenLayersInIntegersComputeTheSame(Case tried) {
    Compiler floats = Compiler.forTarget(Target.onnxRuntime()).build();
    Precision precision =
        Precision.int8(tried.samples(8))
            .quantize(Layers.ofType(tried.isOfConvolutions() ? "Conv" : "MatMul"));
    Compiler integers = Compiler.forTarget(Target.onnxRuntime()).precision(precision).build();
    double error = 0;
    double power = 0;
    try (CompiledModel original = floats.compile(tried.model());
        CompiledModel compiled = integers.compile(tried.model())) {
      for (int i = 0; i < INPUTS; i++) {
        Tensor expected = original.run(tried.inputs(i)).values().iterator().next();
        Tensor found = compiled.run(tried.inputs(i)).values().iterator().next();
        assertArrayEquals(expected.shape(), found.shape());
        float[] right = expected.toFloatArray();
        float[] values = found.toFloatArray();
        for (int j = 0; j < right.length; j++) {
          error += Math.pow(values[j] - right[j], 2);
          power += Math.pow(right[j], 2);
        }
      }
    }
    double sqnr = 10 * Math.log10(power / error);
    assertTrue(error == 0 || sqnr > LEAST_DB, sqnr + " dB");
  }
}

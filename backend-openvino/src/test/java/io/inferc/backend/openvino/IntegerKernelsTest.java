package io.inferc.backend.openvino;

import io.inferc.runtime.Target;
import io.inferc.testing.IntegerKernelsContractTest;
import io.inferc.testing.OperatorCases;
import io.inferc.testing.OperatorCases.Case;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The integer kernels of OpenVINO on the CPU, and what it makes of operators between them. */
class IntegerKernelsTest extends IntegerKernelsContractTest {
  @Override
  protected Target target() {
    TestLibrary.require();
    return TestLibrary.target();
  }

  @Override
  protected int every() {
    return 13;
  }

  static Stream<Case> onceWrong() {
    return OperatorCases.all().stream()
        .filter(
            c ->
                c.name()
                    .matches(
                        "opset 13, (GlobalMaxPool.*|ReduceMax keepdims 0|MatMul (of|.* of) ROWS"
                            + "|Gemm without a bias)"));
  }

  @ParameterizedTest
  @MethodSource("onceWrong")
  void whatOnlyANodeBetweenKeepsRight(Case tried) {
    operatorsBetweenLayersInIntegersComputeTheSame(tried);
  }
}

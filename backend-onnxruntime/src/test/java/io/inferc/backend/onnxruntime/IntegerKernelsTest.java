package io.inferc.backend.onnxruntime;

import io.inferc.runtime.Target;
import io.inferc.testing.IntegerKernelsContractTest;

/** The integer kernels of ONNX Runtime on the CPU. */
class IntegerKernelsTest extends IntegerKernelsContractTest {
  @Override
  protected Target target() {
    return Target.onnxRuntime();
  }
}

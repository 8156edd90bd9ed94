package io.inferc.backend.onnxruntime;

import io.inferc.runtime.Target;
import io.inferc.testing.UnreachableModelContractTest;

class OnnxRuntimeUnreachableModelTest extends UnreachableModelContractTest {
  @Override
  protected Target target() {
    return Target.onnxRuntime();
  }
}

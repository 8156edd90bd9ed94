package io.inferc.backend.tensorrt;

import io.inferc.runtime.Target;
import io.inferc.testing.UnreachableModelContractTest;

class TensorRtUnreachableModelTest extends UnreachableModelContractTest {
  @Override
  protected Target target() {
    return Targets.quick(4);
  }
}

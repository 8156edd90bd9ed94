package io.inferc.backend.tensorrt;

import io.inferc.runtime.Target;
import io.inferc.testing.BackendContractTest;

/** Engines built in this process at the fastest level, since the contract is about answers. */
class TensorRtContractTest extends BackendContractTest {
  @Override
  protected Target target() {
    return Targets.quick(0);
  }
}

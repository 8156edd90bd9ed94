package io.inferc.backend.tensorrt;

import io.inferc.runtime.Target;
import io.inferc.testing.BackendConcurrencyContractTest;

class TensorRtConcurrencyContractTest extends BackendConcurrencyContractTest {
  @Override
  protected Target target() {
    return Targets.quick(4);
  }

  @Override
  protected int lives() {
    // A build takes a second or two.
    return 16;
  }
}

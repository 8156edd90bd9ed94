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
    // A build takes a second or two, and six beside other work on the GPU; twice this many must fit
    // into the limit.
    return 10;
  }
}

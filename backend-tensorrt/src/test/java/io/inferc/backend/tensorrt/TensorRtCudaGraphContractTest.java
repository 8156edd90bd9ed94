package io.inferc.backend.tensorrt;

import io.inferc.runtime.Target;
import io.inferc.testing.BackendContractTest;

/** The same contract where the work is replayed from CUDA graphs. */
class TensorRtCudaGraphContractTest extends BackendContractTest {
  @Override
  protected Target target() {
    return Targets.quick(4);
  }
}

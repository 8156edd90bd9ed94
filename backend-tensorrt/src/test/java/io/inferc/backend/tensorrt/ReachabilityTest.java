package io.inferc.backend.tensorrt;

import io.inferc.testing.ReachabilityContractTest;

class ReachabilityTest extends ReachabilityContractTest {
  @Override
  protected Class<?> anchor() {
    return TensorRtProvider.class;
  }
}

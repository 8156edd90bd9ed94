package io.inferc.backend.openvino;

import io.inferc.testing.ReachabilityContractTest;

class ReachabilityTest extends ReachabilityContractTest {
  @Override
  protected Class<?> anchor() {
    return OpenVinoProvider.class;
  }
}

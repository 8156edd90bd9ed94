package io.inferc.backend.migraphx;

import io.inferc.testing.ReachabilityContractTest;

class ReachabilityTest extends ReachabilityContractTest {
  @Override
  protected Class<?> anchor() {
    return MigraphxProvider.class;
  }
}

package io.inferc;

import io.inferc.testing.ReachabilityContractTest;

class ReachabilityTest extends ReachabilityContractTest {
  @Override
  protected Class<?> anchor() {
    return Compiler.class;
  }
}

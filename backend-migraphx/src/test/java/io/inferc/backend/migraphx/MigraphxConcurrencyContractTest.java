package io.inferc.backend.migraphx;

import io.inferc.runtime.Target;
import io.inferc.testing.BackendConcurrencyContractTest;

class MigraphxConcurrencyContractTest extends BackendConcurrencyContractTest {
  @Override
  protected Target target() {
    return RealLibrary.target();
  }
}

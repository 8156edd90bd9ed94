package io.inferc.backend.migraphx;

import io.inferc.runtime.Target;
import io.inferc.testing.BackendContractTest;

class MigraphxContractTest extends BackendContractTest {
  @Override
  protected Target target() {
    return RealLibrary.target();
  }
}

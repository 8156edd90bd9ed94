package io.inferc.backend.openvino;

import io.inferc.runtime.Target;
import io.inferc.testing.BackendConcurrencyContractTest;
import org.junit.jupiter.api.BeforeAll;

class OpenVinoConcurrencyContractTest extends BackendConcurrencyContractTest {
  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  @Override
  protected Target target() {
    return TestLibrary.target();
  }
}

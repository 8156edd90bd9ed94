package io.inferc.backend.openvino;

import io.inferc.runtime.Target;
import io.inferc.testing.BackendContractTest;
import org.junit.jupiter.api.BeforeAll;

class OpenVinoContractTest extends BackendContractTest {
  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  @Override
  protected Target target() {
    return TestLibrary.target();
  }
}

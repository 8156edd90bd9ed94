package io.inferc.backend.onnxruntime;

import io.inferc.runtime.Target;
import io.inferc.testing.BackendContractTest;

class OnnxRuntimeContractTest extends BackendContractTest {
  @Override
  protected Target target() {
    return ContractProvider.target();
  }
}

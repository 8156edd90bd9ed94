package io.inferc.backend.onnxruntime;

import io.inferc.runtime.Target;
import io.inferc.testing.BackendConcurrencyContractTest;

class OnnxRuntimeConcurrencyContractTest extends BackendConcurrencyContractTest {
  @Override
  protected Target target() {
    return ContractProvider.target();
  }
}

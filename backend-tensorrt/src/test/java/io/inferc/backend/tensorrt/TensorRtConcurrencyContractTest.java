package io.inferc.backend.tensorrt;

import io.inferc.runtime.Target;
import io.inferc.testing.BackendConcurrencyContractTest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/** A build takes a second or two, and ten beside other work on the GPU, hence the longer limit. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class TensorRtConcurrencyContractTest extends BackendConcurrencyContractTest {
  @Override
  protected Target target() {
    return Targets.quick(4);
  }

  @Override
  protected int lives() {
    return 10;
  }
}

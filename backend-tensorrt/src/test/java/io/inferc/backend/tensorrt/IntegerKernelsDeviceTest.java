package io.inferc.backend.tensorrt;

import io.inferc.runtime.Target;
import io.inferc.testing.IntegerKernelsContractTest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * The integer kernels of TensorRT on a device. An engine takes a second or two to build, so the
 * share of the cases is smaller than elsewhere.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class IntegerKernelsDeviceTest extends IntegerKernelsContractTest {
  @Override
  protected Target target() {
    return Targets.quick(0);
  }

  @Override
  protected int every() {
    return 13;
  }
}

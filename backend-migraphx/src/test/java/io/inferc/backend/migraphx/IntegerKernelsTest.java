package io.inferc.backend.migraphx;

import io.inferc.runtime.Target;
import io.inferc.testing.IntegerKernelsContractTest;

/** The integer kernels of MIGraphX, and what it makes of operators between them. */
class IntegerKernelsTest extends IntegerKernelsContractTest {
  @Override
  protected Target target() {
    RealLibrary.orSkip();
    return RealLibrary.target();
  }

  @Override
  protected int every() {
    return 13;
  }
}

package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.testing.RuntimeDialects;
import org.junit.jupiter.api.Test;

/** The dialect is the one that core's tests quantize real and random models in. */
class DialectTest {
  @Test
  void coreTestsWithTheSameDialect() {
    assertEquals(
        RuntimeDialects.describe(RuntimeDialects.TENSORRT),
        RuntimeDialects.describe(TensorRtCapabilities.dialect()));
  }
}

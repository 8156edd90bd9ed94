package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.testing.RuntimeDialects;
import org.junit.jupiter.api.Test;

/** The dialect is the one that core's tests quantize real and random models in. */
class DialectTest {
  @Test
  void coreTestsWithTheSameDialect() {
    assertEquals(
        RuntimeDialects.describe(RuntimeDialects.MIGRAPHX),
        RuntimeDialects.describe(Dialects.migraphx()));
  }
}

package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.testing.RuntimeDialects;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The dialect is the one that core's tests quantize real and random models in. */
class DialectTest {
  @Test
  void coreTestsWithTheSameDialect() {
    Devices.Resolved device = new Devices.Resolved("CPU", List.of("CPU"), Set.of("INT8"));
    assertEquals(
        RuntimeDialects.describe(RuntimeDialects.OPENVINO),
        RuntimeDialects.describe(Dialects.of(device, true)));
  }
}

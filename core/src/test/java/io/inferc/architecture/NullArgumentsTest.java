package io.inferc.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.testing.NullArguments;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What applications call refuses null at once, by the name of the argument. */
class NullArgumentsTest {
  private static final Set<String> PACKAGES =
      Set.of(
          "io.inferc",
          "io.inferc.accuracy",
          "io.inferc.benchmark",
          "io.inferc.benchmark.endpoint",
          "io.inferc.benchmark.load",
          "io.inferc.benchmark.platform",
          "io.inferc.benchmark.statistics",
          "io.inferc.benchmark.study",
          "io.inferc.benchmark.trace",
          "io.inferc.calibrate",
          "io.inferc.common",
          "io.inferc.onnx",
          "io.inferc.report",
          "io.inferc.runtime",
          "io.inferc.search",
          "io.inferc.tensor");

  @Test
  void nobodyTakesNull() {
    assertEquals(
        Set.of(),
        NullArguments.accepted(PACKAGES, Set.of("io.inferc.runtime", "io.inferc.tensor"), 200));
  }
}

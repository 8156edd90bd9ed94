package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.testing.conformance.Conformance;
import io.inferc.testing.conformance.ConformanceResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A fixed tenth of the ONNX project's cases; all of them with -Dinferc.conformance=all. */
@Tag("share")
class OpenVinoConformanceTest {
  @Test
  void casesOfTheOnnxProjectAreRightOrRefusedForAReasonKnown() throws Exception {
    TestLibrary.require();
    // Not on one thread, which would spare time: see OpenVinoOptions.Builder.threads.
    Conformance run = new Conformance("openvino", Path.of("target", "conformance"));
    ConformanceResult result = run.run();
    System.out.println(result.table());
    assertEquals(List.of(), result.failures());
    if (run.isComplete()) {
      assertEquals(Set.of(), result.stale(), "lines of the lists that nothing needs any more");
    }
  }
}

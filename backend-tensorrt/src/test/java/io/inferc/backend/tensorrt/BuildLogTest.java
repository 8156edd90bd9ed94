package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuildLogTest {
  private final List<String> heard = new ArrayList<>();
  private final ProgressListener listener =
      (stage, task, done, total) -> heard.add(stage + " " + task + " " + done + "/" + total);

  @Test
  void theLinesOfABuildMoveItForwardAndNeverBack() {
    BuildLog log = new BuildLog("m", listener);
    assertEquals(BuildPhase.PARSE, log.phase());
    log.line(LogSeverity.VERBOSE, "Original: 508 layers");
    assertEquals(BuildPhase.OPTIMIZE, log.phase());
    log.line(
        LogSeverity.INFO,
        "Global timing cache in use. Profiling results in this builder pass will be stored.");
    assertEquals(BuildPhase.TIME, log.phase());
    log.line(LogSeverity.INFO, "Detected 3 inputs and 1 output network tensors.");
    assertEquals(BuildPhase.ASSEMBLE, log.phase());
    log.line(LogSeverity.VERBOSE, "Original: 3 layers");
    assertEquals(BuildPhase.ASSEMBLE, log.phase());
    log.line(LogSeverity.INFO, "Engine generation completed in 11.9 seconds.");
    assertEquals(BuildPhase.DONE, log.phase());
  }

  @Test
  void aPhaseIsReportedWithItsPlaceAmongAll() {
    BuildLog log = new BuildLog("m", listener);
    log.begin();
    log.report(BuildPhase.DONE);
    assertEquals(
        List.of(
            Stage.COMPILE + " TensorRT reads the model 0/4",
            Stage.COMPILE + " TensorRT has built the engine 4/4"),
        heard);
  }

  @Test
  void complaintsAreKeptUpToABoundAndOtherLinesAreNot() {
    BuildLog log = new BuildLog("m", listener);
    log.line(LogSeverity.INFO, "all is well");
    for (int i = 0; i < 100; i++) {
      log.line(i % 2 == 0 ? LogSeverity.ERROR : LogSeverity.WARNING, "complaint " + i);
    }
    assertEquals("complaint 99", log.complaints().get(log.complaints().size() - 1));
    assertTrue(log.complaints().size() <= 20);
    assertFalse(log.complaints().contains("all is well"));
  }

  @Test
  void anUnknownSeverityCountsAsTheLeast() {
    assertEquals(LogSeverity.VERBOSE, LogSeverity.of(17));
    assertEquals(LogSeverity.INTERNAL_ERROR, LogSeverity.of(0));
  }
}

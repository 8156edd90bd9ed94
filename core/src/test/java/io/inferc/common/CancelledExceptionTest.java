package io.inferc.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CancelledExceptionTest {
  private static final Set<Stage> WRITING = EnumSet.of(Stage.IMPORT, Stage.ARTIFACT, Stage.REPORT);

  @ParameterizedTest
  @EnumSource
  void onlyStagesThatWriteSpeakOfWhatIsWritten(Stage stage) {
    String message = new CancelledException(stage).getMessage();
    assertEquals(WRITING.contains(stage), message.contains("half written"), message);
    assertTrue(message.contains(stage.toString()), message);
    assertTrue(message.endsWith("start it again when wanted."), message);
  }
}

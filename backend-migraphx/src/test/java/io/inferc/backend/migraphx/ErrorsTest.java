package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorsTest {
  private static final MigraphxCallException CALL =
      new MigraphxCallException("migraphx_some_call", 4);

  private enum Failure {
    PARSE(Stage.COMPILE),
    PARSE_OF_A_KNOWN_NODE(Stage.COMPILE),
    COMPILE(Stage.COMPILE),
    RUN(Stage.RUN),
    FILE(Stage.ARTIFACT);

    private final Stage stage;

    Failure(Stage stage) {
      this.stage = stage;
    }

    InfercException exception() {
      return switch (this) {
        case PARSE -> Errors.parse("net", "x [1]", false, null, CALL);
        case PARSE_OF_A_KNOWN_NODE -> Errors.parse("net", "x [1]", true, "'n' (Odd)", CALL);
        case COMPILE -> Errors.compile("net", "x [1]", "ref", CALL);
        case RUN -> Errors.run("net", "x [1]", CALL);
        case FILE -> Errors.file("load", "net", "a.mxr", "the file is whole", "Save again.", CALL);
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyFailureNamesModelCallMeaningChecksAndWhereTheWordsWent(Failure failure) {
    InfercException e = failure.exception();
    assertEquals(failure.stage, e.stage());
    assertSame(CALL, e.getCause());
    for (String words :
        new String[] {
          "Tried to ",
          "net",
          "migraphx_some_call returned the status 4 (unknown error",
          "Checked before: ",
          "standard error stream"
        }) {
      assertTrue(e.problem().contains(words), words + " is not in: " + e.problem());
    }
    assertFalse(e.remedy().isBlank());
  }

  @Test
  void aFailureOfHipIsToldAsSuch() {
    MigraphxCallException call = MigraphxCallException.ofHip("hipMalloc", 2, "hipErrorOutOfMemory");
    String problem = Errors.run("net", "x [1]", call).problem();
    assertTrue(
        problem.contains("but HIP's hipMalloc returned the status 2 (hipErrorOutOfMemory)"),
        problem);
    assertTrue(problem.contains("AMD_LOG_LEVEL"), problem);
    assertFalse(problem.contains("MIGraphX wrote"), problem);
  }

  @ParameterizedTest
  @CsvSource({
    "0, success",
    "1, bad parameter",
    "3, unknown target",
    "2, a status that MIGraphX's header does not name",
    "77, a status that MIGraphX's header does not name"
  })
  void aStatusHasTheMeaningOfTheHeader(int status, String meaning) {
    MigraphxCallException e = new MigraphxCallException("f", status);
    assertEquals("f returned the status " + status + " (" + meaning + ")", e.getMessage());
    assertEquals(status, e.status());
    assertEquals("f", e.function());
  }
}

package io.inferc.common.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class JvmProcessTest {
  private static JvmProcess.Ended run(String... arguments) throws IOException {
    String classPath = JvmProcess.classPathOf(List.of(Main.class, JvmProcess.class)).orElseThrow();
    return new JvmProcess(classPath, Main.class)
        .run(List.of(arguments), new Cancellation(), Stage.COMPILE);
  }

  /** Does what its argument says. */
  static final class Main {
    private Main() {}

    /** Prints, and dies of itself or of a signal. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
      System.out.println("said " + arguments[0]);
      System.err.println("Assertion failed: never");
      if (arguments[0].equals("abort")) {
        String self = Long.toString(ProcessHandle.current().pid());
        new ProcessBuilder("kill", "-ABRT", self).start().waitFor();
        Thread.sleep(60_000);
      }
      System.exit(5);
    }
  }

  @Test
  void itsExitCodeAndAllItPrintedAreKnown() throws IOException {
    JvmProcess.Ended ended = run("hello");
    assertEquals(5, ended.exitCode());
    assertEquals(List.of("said hello", "Assertion failed: never"), ended.output().lines().toList());
    assertEquals(Optional.empty(), ended.signal());
    assertEquals("Assertion failed: never", ended.lastWords());
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "processes end without signals there")
  void aSignalIsNamed() throws IOException {
    assertEquals(Optional.of("SIGABRT"), run("abort").signal());
  }

  @Test
  void itIsKilledOnCancel() {
    Cancellation cancelled = new Cancellation();
    cancelled.cancel();
    String classPath = JvmProcess.classPathOf(List.of(Main.class, JvmProcess.class)).orElseThrow();
    assertThrows(
        CancelledException.class,
        () ->
            new JvmProcess(classPath, Main.class).run(List.of("hello"), cancelled, Stage.COMPILE));
  }
}

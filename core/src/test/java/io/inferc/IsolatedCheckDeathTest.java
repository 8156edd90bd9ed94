package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.ModelLimits;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What is said when the process dies in which a model is tried. */
class IsolatedCheckDeathTest {
  /** Dies as a runtime does that fails an assertion after it has compiled the model. */
  static final class Dying {
    private Dying() {}

    /** Says that it has compiled, and dies. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
      System.out.println(IsolatedCheckWorker.STARTED);
      System.out.println("given " + List.of(arguments).subList(1, arguments.length));
      System.out.println(IsolatedCheckWorker.COMPILED);
      System.err.println("Assertion `shape' failed.");
      String self = Long.toString(ProcessHandle.current().pid());
      new ProcessBuilder("kill", "-ABRT", self).start().waitFor();
      Thread.sleep(60_000);
    }
  }

  /** No worker at all. */
  static final class Absent {
    private Absent() {}
  }

  private static final Isolation LIMITS =
      Isolation.untrusted().timeLimit(Duration.ofSeconds(10)).memoryLimit(512L << 20);

  /** Never ends. */
  static final class Endless {
    private Endless() {}

    public static void main(String[] args) throws InterruptedException {
      System.out.println(IsolatedCheckWorker.STARTED);
      System.out.flush();
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  /** Takes native memory until it is stopped. */
  static final class Greedy {
    private Greedy() {}

    public static void main(String[] args) throws InterruptedException {
      System.out.println(IsolatedCheckWorker.STARTED);
      System.out.println(IsolatedCheckWorker.COMPILED);
      System.out.flush();
      List<Tensor> held = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        held.add(Tensor.allocate(DataType.FLOAT32, 8 << 20));
        Thread.sleep(100);
      }
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  @Test
  void whatNeverEndsIsEndedAtTheTimeLimit() {
    IsolatedCheck check =
        new IsolatedCheck(
            Target.onnxRuntime().choices().get(0),
            List.of(),
            ModelLimits.defaults(),
            LIMITS.timeLimit(Duration.ofSeconds(2)),
            new Cancellation(),
            Endless.class);
    InfercException e =
        assertThrows(
            InfercException.class, () -> check.check(Path.of("m"), "net", Precision.fp32()));
    assertTrue(e.getMessage().contains("longer than 2.0 s"), e.getMessage());
    assertTrue(e.remedy().contains("timeLimit"), e.remedy());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatTakesTooMuchNativeMemoryIsEndedAtTheMemoryLimit() {
    InfercException e = check(Greedy.class);
    assertTrue(e.getMessage().contains("512 MiB"), e.getMessage());
    assertTrue(e.getMessage().contains("while the model ran"), e.getMessage());
  }

  private static InfercException check(Class<?> worker) {
    IsolatedCheck check =
        new IsolatedCheck(
            Target.onnxRuntime().choices().get(0),
            List.of(ShapeProfile.named("p").range("batch", 1, 2, 4)),
            ModelLimits.defaults(),
            LIMITS,
            new Cancellation(),
            worker);
    return assertThrows(
        InfercException.class, () -> check.check(Path.of("model.onnx"), "net", Precision.fp16()));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "processes end without signals there")
  void theSignalTheWordsAndWhatToDoAreSaid() {
    InfercException e = check(Dying.class);
    assertEquals(Stage.COMPILE, e.stage());
    for (String part :
        List.of("net", "FP16", "SIGABRT", "while the model ran", "Assertion `shape' failed")) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
    assertTrue(e.remedy().contains("precision.keep"), e.remedy());
  }

  @Test
  void thatItCouldNotBeStartedIsSaidToo() {
    InfercException e = check(Absent.class);
    assertTrue(e.getMessage().contains("could not be started"), e.getMessage());
    assertTrue(e.remedy().contains("isolation("), e.remedy());
  }
}

package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.ContractModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX Runtime leaves nothing of its telemetry on the machine of an application. */
class TelemetryTest {
  @TempDir Path home;

  /** Runs a model once. */
  static final class Application {
    private Application() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) {
      try (CompiledModel model =
              Compiler.forTarget(Target.onnxRuntime()).build().compile(ContractModels.dense());
          Tensor x = Tensor.of(new float[] {1, 0, 0}, 1, 3)) {
        model.run(Map.of("x", x)).close();
        System.out.println("ran");
      }
    }
  }

  @Test
  void nothingIsWrittenToTheUsersHome() throws Exception {
    ChildJvm.Result child =
        ChildJvm.run(
            environment -> {
              environment.put("HOME", home.toString());
              environment.remove("XDG_CACHE_HOME");
              environment.remove("ORT_DISABLE_TELEMETRY");
            },
            List.of(),
            Application.class);
    assertEquals(0, child.exitCode(), child.output());
    assertTrue(child.output().contains("ran"), child.output());
    try (Stream<Path> files = Files.walk(home)) {
      assertEquals(List.of(home), files.toList());
    }
    Path events = Path.of("/tmp", "mat-debug-" + child.pid() + ".log");
    assertFalse(Files.exists(events), events.toString());
  }
}

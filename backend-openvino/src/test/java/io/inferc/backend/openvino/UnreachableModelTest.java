package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.Compiler;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions and requests whose model nobody else holds. */
class UnreachableModelTest {
  @TempDir Path folder;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private Path file() {
    Path file = folder.resolve("perceptron.onnx");
    SmallModels.perceptron(64, 512, 8, 1).save(file);
    return file;
  }

  @Test
  void aSessionAndAFutureKeepTheirModelInCompiledCodeWhileTheCollectorRuns() throws IOException {
    ChildJvm.Result child =
        ChildJvm.run(
            options(
                "-Xcomp",
                "-XX:TieredStopAtLevel=4",
                "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=compileonly,io.inferc.execution.*::*",
                "-XX:CompileCommand=compileonly,io.inferc.backend.*::*"),
            Forgetting.class,
            file().toString());
    assertEquals(0, child.exitCode(), child.output());
  }

  private static List<String> options(String... more) {
    List<String> options = new ArrayList<>(List.of(more));
    options.add(
        "-D" + LibrarySearch.PROPERTY + "=" + System.getProperty(LibrarySearch.PROPERTY, ""));
    return options;
  }

  private static CompiledModel compile(Path file) {
    return Compiler.forTarget(Target.openVino()).sessions(1).build().compile(file);
  }

  private static Tensor input() {
    return Tensor.of(new float[64], 1, 64);
  }

  /** Holds sessions and futures only, and lets the collector run under them. */
  static final class Forgetting {
    private static final int ROUNDS = 1;
    private static final int RUNS = 10;

    private Forgetting() {}

    public static void main(String[] args) {
      Thread collector =
          new Thread(
              () -> {
                while (true) {
                  System.gc();
                }
              });
      collector.setDaemon(true);
      collector.start();
      Path file = Path.of(args[0]);
      for (int i = 0; i < ROUNDS; i++) {
        InferenceSession session = compile(file).newSession();
        for (int run = 0; run < RUNS; run++) {
          try (Tensor x = input()) {
            session.run(Map.of("x", x)).close();
          }
        }
        try (Tensor x = input()) {
          compile(file).runAsync(Map.of("x", x)).join().close();
          compile(file).run(Map.of("x", x)).close();
        }
      }
    }
  }
}

package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.inferc.Compiler;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions and requests whose model nobody else holds, and requests that wait for others. */
class UnreachableModelTest {
  @TempDir Path folder;

  private Path file() {
    Path file = folder.resolve("perceptron.onnx");
    SmallModels.perceptron(64, 512, 8, 1).save(file);
    return file;
  }

  @Test
  void aSessionAndAFutureKeepTheirModelWhileTheCollectorRuns() throws IOException {
    ChildJvm.Result child = ChildJvm.run(List.of(), Forgetting.class, file().toString());
    assertEquals(0, child.exitCode(), child.output());
  }

  @Test
  void theyDoSoInCompiledCode() throws IOException {
    ChildJvm.Result child =
        ChildJvm.run(
            List.of(
                "-Xcomp",
                "-XX:TieredStopAtLevel=4",
                "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=compileonly,io.inferc.execution.*::*",
                "-XX:CompileCommand=compileonly,io.inferc.backend.*::*"),
            Forgetting.class,
            file().toString());
    assertEquals(0, child.exitCode(), child.output());
  }

  @Test
  void aDependentStageMayWaitForAnotherRequestOfAModelWithOneSession() {
    try (CompiledModel model = compile(file());
        Tensor x = input()) {
      Map<String, Tensor> request = Map.of(model.inputs().get(0).name(), x);
      CompletableFuture<Outputs> second =
          model
              .runAsync(request)
              .thenApply(
                  first -> {
                    first.values().forEach(Tensor::close);
                    return model.runAsync(request).join();
                  });
      assertTimeoutPreemptively(Duration.ofSeconds(30), () -> second.join().close());
    }
  }

  private static CompiledModel compile(Path file) {
    return Compiler.forTarget(Target.onnxRuntime()).sessions(1).build().compile(file);
  }

  private static Tensor input() {
    return Tensor.of(new float[64], 1, 64);
  }

  /** Holds sessions and futures only, and lets the collector run under them. */
  static final class Forgetting {
    private static final int ROUNDS = 3;
    private static final int RUNS = 20;

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

package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.inferc.Compiler;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sessions and requests whose model nobody else holds, and requests that wait for others. Each
 * child process makes an object of the test's class to ask it for the target.
 */
public abstract class UnreachableModelContractTest {
  private static final List<String> COMPILED =
      List.of(
          "-Xcomp",
          "-XX:TieredStopAtLevel=4",
          "-XX:CompileCommand=quiet",
          "-XX:CompileCommand=compileonly,io.inferc.execution.*::*",
          "-XX:CompileCommand=compileonly,io.inferc.backend.*::*");

  // Collections of a few milliseconds: what matters is that one happens wherever the program is.
  private static final List<String> COLLECTED_QUICKLY = List.of("-XX:+UseSerialGC", "-Xmx128m");

  @TempDir Path folder;

  /** Where the models of this contract run. */
  protected abstract Target target();

  /** What a child process needs to find the same runtime. */
  protected List<String> jvmOptions() {
    return List.of();
  }

  @BeforeEach
  void skipIfUnavailable() {
    ContractSetup.skipIfUnavailable(target());
  }

  private Path file() {
    Path file = folder.resolve("perceptron.onnx");
    SmallModels.perceptron(64, 512, 8, 1).save(file);
    return file;
  }

  @Test
  void sessionsAndFuturesKeepTheirModelWhileTheCollectorRuns() throws IOException {
    assertSurvives(List.of());
  }

  @Test
  void theyDoSoInCompiledCode() throws IOException {
    assertSurvives(COMPILED);
  }

  private void assertSurvives(List<String> more) throws IOException {
    List<String> options = new ArrayList<>(jvmOptions());
    options.addAll(COLLECTED_QUICKLY);
    options.addAll(more);
    ChildJvm.Result child =
        ChildJvm.run(options, Forgetting.class, getClass().getName(), file().toString());
    assertEquals(0, child.exitCode(), child.output());
  }

  @Test
  void aDependentStageMayWaitForAnotherRequestOfAModelWithOneSession() {
    try (CompiledModel model = compile(target(), file());
        Tensor x = input()) {
      Map<String, Tensor> request = Map.of(model.inputs().get(0).name(), x);
      CompletableFuture<Outputs> second =
          model
              .runAsync(request)
              .thenApply(
                  first -> {
                    first.close();
                    return model.runAsync(request).join();
                  });
      assertTimeoutPreemptively(Duration.ofSeconds(30), () -> second.join().close());
    }
  }

  private static CompiledModel compile(Target target, Path file) {
    return Compiler.forTarget(target)
        .sessions(1)
        .profile(ShapeProfile.named("rows").range("batch", 1, 1, 4))
        .build()
        .compile(file);
  }

  private static Tensor input() {
    return Tensor.of(new float[64], 1, 64);
  }

  /** Holds sessions, futures and views of buffers only, and lets the collector run under them. */
  static final class Forgetting {
    private static final int RUNS = 100;

    private Forgetting() {}

    public static void main(String[] args) throws ReflectiveOperationException {
      Constructor<?> maker = Class.forName(args[0]).getDeclaredConstructor();
      maker.setAccessible(true);
      UnreachableModelContractTest test = (UnreachableModelContractTest) maker.newInstance();
      Thread collector =
          new Thread(
              () -> {
                while (true) {
                  System.gc();
                  // Otherwise the program would stand still nearly all the time.
                  LockSupport.parkNanos(1_000_000);
                }
              });
      collector.setDaemon(true);
      collector.start();
      forget(test.target(), Path.of(args[1]));
    }

    private static void forget(Target target, Path file) {
      InferenceSession session = compile(target, file).newSession();
      for (int run = 0; run < RUNS; run++) {
        try (Tensor x = input()) {
          session.run(Map.of("x", x)).close();
        }
      }
      session.input("x").floats().put(0, 1f);
      for (int run = 0; run < RUNS; run++) {
        session.run();
      }
      try (Tensor x = input()) {
        compile(target, file).runAsync(Map.of("x", x)).join().close();
        compile(target, file).run(Map.of("x", x)).close();
        compile(target, file).kernels();
      }
      FloatBuffer view = compile(target, file).newSession().input("x").floats();
      for (int run = 0; run < RUNS * view.capacity(); run++) {
        view.put(run % view.capacity(), run);
      }
    }
  }
}

package io.inferc.execution.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.execution.StatefulSession;
import io.inferc.execution.internal.GuardedRuntime.Guarded;
import io.inferc.execution.internal.GuardedRuntime.Handle;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ChildJvm;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing is freed under a call, whoever holds the model, and all is freed when nobody does.
 *
 * <p>In compiled code, since the interpreter keeps every variable until its method ends.
 */
class CollectedModelTest {
  @TempDir Path folder;

  @Test
  void nothingIsFreedUnderACallAndEverythingAfterIt() throws IOException {
    ChildJvm.Result child =
        ChildJvm.run(
            List.of(
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-Xcomp",
                "-XX:TieredStopAtLevel=4",
                "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=compileonly,io.inferc.execution.*::*",
                "-XX:CompileCommand=compileonly,io.inferc.tensor.*::*",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"),
            Forgetting.class,
            folder.toString());
    assertEquals(0, child.exitCode(), child.output());
  }

  /** One method for each way to lose a model, so that no variable of another holds it. */
  static final class Forgetting {
    private Forgetting() {}

    public static void main(String[] args) {
      Path folder = Path.of(args[0]);
      for (int round = 0; round < 2; round++) {
        for (boolean callsBack : new boolean[] {false, true}) {
          aRunOfASession(callsBack);
          aBoundRun(callsBack);
          aStatefulSession(callsBack);
          aView(callsBack);
          aRunOfTheModel(callsBack);
          aRequest(callsBack);
          aRequestBehindAnother(callsBack);
          open(callsBack).kernels();
          open(callsBack).save(folder.resolve("saved"));
        }
      }
      GuardedRuntime.collect();
      List<String> late = GuardedRuntime.usedAfterFree();
      List<String> live = GuardedRuntime.live();
      System.out.println("used after it was freed: " + late + "\nnever freed: " + live);
      System.exit(late.isEmpty() && live.isEmpty() ? 0 : 1);
    }

    private static ExecutableModel open(boolean callsBack) {
      return ExecutableModel.of(
          "guarded",
          GuardedRuntime.open(callsBack),
          new GuardedRuntime(callsBack),
          GuardedRuntime.CHOICE,
          List.of(),
          new ExecutionOptions(1, Optional.empty()));
    }

    private static Tensor guarded() {
      return Tensor.over(new Guarded(8), DataType.FLOAT32, 2);
    }

    private static Map<String, Tensor> request() {
      return Map.of("x", guarded());
    }

    private static void aRunOfASession(boolean callsBack) {
      open(callsBack).newSession().run(request()).close();
    }

    private static void aBoundRun(boolean callsBack) {
      InferenceSession session = open(callsBack).newSession();
      session.input("x").floats().put(0, 1f);
      session.run();
      session.bindInput("x", guarded());
      session.bindOutput("y", guarded());
      session.run();
    }

    private static void aStatefulSession(boolean callsBack) {
      StatefulSession session = StatefulSession.builder(open(callsBack)).state("x", "y").open();
      session.run();
    }

    private static void aView(boolean callsBack) {
      Tensor input = open(callsBack).newSession().input("x");
      Handle memory = Guarded.of(input);
      FloatBuffer view = input.floats();
      GuardedRuntime.collect();
      memory.use("a view");
      Reference.reachabilityFence(view);
    }

    private static void aRunOfTheModel(boolean callsBack) {
      open(callsBack).run(request()).close();
    }

    private static void aRequest(boolean callsBack) {
      open(callsBack).runAsync(request()).join().close();
    }

    private static void aRequestBehindAnother(boolean callsBack) {
      CompletableFuture<Outputs> last = second(open(callsBack));
      last.join().close();
    }

    private static CompletableFuture<Outputs> second(ExecutableModel model) {
      model.runAsync(request()).thenAccept(Outputs::close);
      return model.runAsync(request());
    }
  }
}

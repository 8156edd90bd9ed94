package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** How many threads a model gets in a process that may not use the whole machine. */
@EnabledOnOs(OS.LINUX)
class ProcessorShareTest {
  /** Threads that ONNX Runtime makes have the name of the one that made the session. */
  private static final String MAKER = "session-maker";

  private static ChildJvm.Result child(int processors, String threads) throws IOException {
    return ChildJvm.run(List.of("-XX:ActiveProcessorCount=" + processors), Maker.class, threads);
  }

  @Test
  void aModelGetsAsManyThreadsAsThereAreProcessorsForTheProcess() throws IOException {
    ChildJvm.Result one = child(1, "0");
    assertEquals(0, one.exitCode(), one::output);
    // The caller's thread is the first.
    assertTrue(one.output().contains("small threads: 0\n"), one::output);
    if (Runtime.getRuntime().availableProcessors() > 1) {
      assertTrue(one.output().contains("1 processor"), one::output);
    }
    ChildJvm.Result chosen = child(1, "3");
    assertTrue(chosen.output().contains("small threads: 2\n"), chosen::output);
  }

  /** Compiles a model and counts the threads that it got. */
  static final class Maker {
    private Maker() {}

    public static void main(String... arguments) throws Exception {
      int threads = Integer.parseInt(arguments[0]);
      Thread maker = new Thread(() -> make(threads), MAKER);
      maker.start();
      maker.join();
    }

    private static void make(int threads) {
      OnnxRuntimeOptions.Builder options = OnnxRuntimeOptions.builder();
      if (threads > 0) {
        options.intraOpThreads(threads);
      }
      Target target = Target.onnxRuntime().options(options.build());
      System.out.println(Inferc.backends());
      long before = made();
      try (CompiledModel model =
          Compiler.forTarget(target).build().compile(SmallModels.addConstant(4), "small")) {
        System.out.println(model.name() + " threads: " + (made() - before));
      }
    }

    private static long made() {
      try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
        return tasks.filter(task -> name(task).equals(MAKER)).count();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    private static String name(Path task) {
      try {
        return Files.readString(task.resolve("comm")).strip();
      } catch (IOException e) {
        return "ended";
      }
    }
  }
}

package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.common.InfercException;
import io.inferc.onnx.ModelProblem;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.CleanUp;
import io.inferc.shape.internal.ProvedShapes;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.GreedyModels;
import io.inferc.testing.HostileModels;
import io.inferc.testing.HostileStructures;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small files are read, checked, rewritten and saved in little memory and time, or refused. */
@Tag("once")
class GreedyModelsTest {
  private static final int MOST_SECONDS = 10;
  private static final int NEWEST_UPGRADE = 21;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"growing", "floods", "structures", "odd"})
  void smallFilesTakeLittle(String kind) throws Exception {
    ChildJvm.Result child =
        ChildJvm.run(List.of("-Xmx512m"), GreedyModelsTest.class, kind, folder.toString());
    List<String> wrong =
        child.output().lines().filter(l -> l.startsWith("wrong") || l.startsWith("hangs")).toList();
    assertEquals(List.of(), wrong);
    assertEquals(0, child.exitCode(), child.output());
  }

  /** Goes through one kind of models, or those whose names hold a text. */
  public static void main(String[] args) throws Exception {
    Map<String, Supplier<byte[]>> models =
        switch (args[0]) {
          case "growing" -> GreedyModels.growing();
          case "floods" -> GreedyModels.floods();
          case "structures" -> HostileStructures.all();
          default -> odd();
        };
    for (Map.Entry<String, Supplier<byte[]>> model : models.entrySet()) {
      if (args.length > 2 && !model.getKey().contains(args[2])) {
        continue;
      }
      Path file = Path.of(args[1], "model.onnx");
      Files.write(file, model.getValue().get());
      long started = cpuSeconds(Thread.currentThread());
      Thread watch = watch(model.getKey());
      String outcome = outcome(file);
      watch.interrupt();
      watch.join();
      System.out.printf(
          "%s: %s in %d s%n",
          outcome, model.getKey(), cpuSeconds(Thread.currentThread()) - started);
    }
  }

  private static Map<String, Supplier<byte[]>> odd() {
    Map<String, Supplier<byte[]>> models = new LinkedHashMap<>();
    HostileModels.all().forEach((name, model) -> models.put(name, model::toBytes));
    return models;
  }

  /** Ends the process when the main thread has computed too long, or waits for anything. */
  private static Thread watch(String name) {
    Thread main = Thread.currentThread();
    long before = cpuSeconds(main);
    long started = System.nanoTime();
    Thread watch =
        new Thread(
            () -> {
              while (cpuSeconds(main) - before < MOST_SECONDS
                  && System.nanoTime() - started < TimeUnit.SECONDS.toNanos(90)) {
                try {
                  TimeUnit.MILLISECONDS.sleep(200);
                } catch (InterruptedException e) {
                  return;
                }
              }
              System.out.println("hangs: " + name + " " + List.of(main.getStackTrace()));
              Runtime.getRuntime().halt(99);
            });
    watch.setDaemon(true);
    watch.start();
    return watch;
  }

  private static long cpuSeconds(Thread thread) {
    return TimeUnit.NANOSECONDS.toSeconds(
        ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId()));
  }

  private static String outcome(Path file) {
    String outcome = "done";
    try {
      rewrite(OnnxModel.load(file));
    } catch (InfercException e) {
      outcome = "refused";
      if (e.getMessage().length() > 1_000_000) {
        return "wrong, a message of " + e.getMessage().length() + " characters";
      }
    } catch (RuntimeException | Error e) {
      return wrong(e);
    }
    try {
      OnnxModel model = OnnxModel.loadUnchecked(file);
      for (ModelProblem problem : model.check()) {
        if (problem.toString().length() > 10_000) {
          return "wrong, a problem of " + problem.toString().length() + " characters";
        }
      }
      String summary = model.summary().toString();
      if (summary.length() > 8_000_000) {
        return "wrong, a summary of " + summary.length() + " characters";
      }
      model.digest();
      model.save(file.resolveSibling("saved.onnx"));
    } catch (InfercException e) {
      return outcome + ", then refused";
    } catch (RuntimeException | Error e) {
      return wrong(e);
    }
    return outcome;
  }

  private static void rewrite(OnnxModel model) {
    if (model.opset() < NEWEST_UPGRADE) {
      model.upgradeOpset(NEWEST_UPGRADE);
    }
    ProvedShapes.of(model, List.of()).declarations();
    CleanUp.pipeline().apply(model, new RewriteLog());
  }

  private static String wrong(Throwable e) {
    StackTraceElement[] at = e.getStackTrace();
    return "wrong: "
        + String.valueOf(e).lines().findFirst().orElse("")
        + " at "
        + List.of(at).subList(0, Math.min(12, at.length));
  }
}

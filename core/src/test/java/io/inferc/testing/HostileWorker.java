package io.inferc.testing;

import io.inferc.Compiler;
import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Compiles and runs models that nobody should, in JVMs that may end: another takes over behind the
 * model that ended one.
 */
public final class HostileWorker {
  private static final String BEGINS = "begins ";
  private static final String ENDS = "ends ";
  private static final long MOST_BYTES = 64L << 20;

  private HostileWorker() {}

  /**
   * Tries models one after the other.
   *
   * @param backend the back end's name
   * @param folder holds the models as files
   * @param files their names
   * @param seconds how long one may take
   * @return what became of each: {@code refused}, {@code failed}, {@code ran}, {@code wrong: …} for
   *     an exception that is none of ours, {@code died: …} or {@code hung}
   */
  public static Map<String, String> outcomes(
      String backend, Path folder, List<String> files, int seconds, List<String> jvmOptions)
      throws IOException {
    Map<String, String> outcomes = new TreeMap<>();
    List<String> left = new ArrayList<>(files);
    while (!left.isEmpty()) {
      Path list = Files.write(folder.resolve("left.txt"), left);
      List<String> options = new ArrayList<>(jvmOptions);
      options.add("-Xmx512m");
      options.add("-XX:-CreateCoredumpOnCrash");
      options.add("-XX:ErrorFile=/dev/null");
      ChildJvm.Result child =
          ChildJvm.run(
              options,
              HostileWorker.class,
              backend,
              folder.toString(),
              list.toString(),
              Integer.toString(seconds));
      String begun = null;
      for (String line : child.output().lines().toList()) {
        if (line.startsWith(BEGINS)) {
          begun = line.substring(BEGINS.length());
        } else if (line.startsWith(ENDS) && begun != null) {
          outcomes.put(begun, line.substring(ENDS.length()));
          left.remove(begun);
          begun = null;
        }
      }
      if (begun == null) {
        if (!left.isEmpty()) {
          throw new IOException("the worker did not begin: " + child.output());
        }
      } else {
        outcomes.put(begun, child.exitCode() == 99 ? "hung" : "died: " + cause(child));
        left.remove(begun);
      }
    }
    return outcomes;
  }

  /**
   * Writes those models into a folder that are read without an objection.
   *
   * @return the names of the files
   */
  public static List<String> accepted(Map<String, Supplier<byte[]>> models, Path folder)
      throws IOException {
    List<String> files = new ArrayList<>();
    for (Map.Entry<String, Supplier<byte[]>> model : models.entrySet()) {
      byte[] bytes = model.getValue().get();
      try {
        OnnxModel.read(bytes);
      } catch (InfercException e) {
        continue;
      }
      String file = model.getKey().replaceAll("[^A-Za-z0-9^.,-]+", "_") + ".onnx";
      Files.write(folder.resolve(file), bytes);
      files.add(file);
    }
    return files;
  }

  private static String cause(ChildJvm.Result child) {
    Optional<String> signal =
        child.output().lines().filter(l -> l.contains("SIG")).map(String::strip).findFirst();
    String output = child.output();
    return "exit "
        + child.exitCode()
        + " "
        + signal.orElse(output.substring(Math.max(0, output.length() - 300)));
  }

  /** Tries the models of a list. */
  public static void main(String[] args) throws Exception {
    int seconds = Integer.parseInt(args[3]);
    for (String name : Files.readAllLines(Path.of(args[2]))) {
      System.out.println(BEGINS + name);
      System.out.flush();
      Thread watch =
          new Thread(
              () -> {
                try {
                  TimeUnit.SECONDS.sleep(seconds);
                } catch (InterruptedException e) {
                  return;
                }
                Runtime.getRuntime().halt(99);
              });
      watch.setDaemon(true);
      watch.start();
      String outcome = outcome(args[0], Path.of(args[1]).resolve(name));
      watch.interrupt();
      watch.join();
      System.out.println(ENDS + outcome.lines().findFirst().orElse(""));
      System.out.flush();
    }
    Runtime.getRuntime().halt(0);
  }

  private static String outcome(String backend, Path file) {
    try {
      OnnxModel.load(file);
    } catch (InfercException e) {
      return "refused";
    } catch (RuntimeException | Error e) {
      return "wrong: " + e;
    }
    try (CompiledModel model = Compiler.forTarget(Target.backend(backend)).build().compile(file)) {
      Map<String, Tensor> request = new LinkedHashMap<>();
      for (TensorSpec input : model.inputs()) {
        long[] sizes =
            input.shape().dimensions().orElse(List.of()).stream()
                .mapToLong(d -> d.size().orElse(2))
                .toArray();
        long bytes = 8;
        for (long size : sizes) {
          bytes = size == 0 || bytes > MOST_BYTES / size ? MOST_BYTES + 1 : bytes * size;
        }
        if (bytes > MOST_BYTES && List.of(sizes).isEmpty()) {
          return "failed";
        }
        request.put(input.name(), Tensor.allocate(input.type(), sizes));
      }
      model.run(request).close();
      return "ran";
    } catch (InfercException | IllegalArgumentException e) {
      return "failed";
    } catch (RuntimeException | Error e) {
      return "wrong: " + e;
    }
  }
}

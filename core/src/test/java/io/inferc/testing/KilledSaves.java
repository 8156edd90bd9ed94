package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Processes that save models in turns are killed at random moments: after each, the model in the
 * folder is one of the two, and what the dead left does not add up. {@code -Dinferc.kills=60} kills
 * more, {@code -Dinferc.kills.seed=…} at the same moments.
 */
public final class KilledSaves {
  private static final int COUNT = Integer.getInteger("inferc.kills", 4);
  private static final long SEED = Long.getLong("inferc.kills.seed", System.nanoTime());
  private static final int KILLED = 128 + 9;
  private static final int MOST_ENTRIES = 6;

  private KilledSaves() {}

  /**
   * Kills processes that save for a target.
   *
   * @param target the name of the back end
   * @param work an empty folder
   * @param jvmOptions what the processes need to find the back end
   * @throws IOException if a process cannot be started
   */
  public static void tryOn(String target, Path work, List<String> jvmOptions) throws IOException {
    System.out.println(target + ": " + COUNT + " killed saves of seed " + SEED);
    Random random = new Random(SEED);
    Path saved = work.resolve("saved");
    Path temporary = Files.createDirectory(work.resolve("tmp"));
    List<float[]> answers =
        List.of(
            AlteredSavedModels.save(Target.backend(target), 1, saved),
            AlteredSavedModels.save(Target.backend(target), 2, saved));
    List<String> options =
        Stream.concat(
                jvmOptions.stream(),
                Stream.of("-Djava.io.tmpdir=" + temporary, "-XX:TieredStopAtLevel=1"))
            .toList();
    for (int i = 0; i < COUNT; i++) {
      String delay = Double.toString(random.nextDouble());
      ChildJvm.Result child =
          ChildJvm.run(options, KilledSaves.class, target, saved.toString(), delay);
      String which = "kill " + i + " of seed " + SEED + ": " + child.output();
      assertEquals(KILLED, child.exitCode(), which);
      try (CompiledModel model = Inferc.load(saved)) {
        float[] given = AlteredSavedModels.answers(model);
        assertTrue(answers.stream().anyMatch(a -> Arrays.equals(a, given)), which);
      }
      assertTrue(entries(saved).size() <= MOST_ENTRIES, which + entries(saved));
      // What the one before left is gone; the last may have left its own.
      assertTrue(entries(temporary).size() <= 2, which + entries(temporary));
    }
    AlteredSavedModels.save(Target.backend(target), 1, saved);
    assertEquals(3, entries(saved).size(), "manifest, payload and lock: " + entries(saved));
  }

  private static List<String> entries(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      // Libraries unpack themselves where they like, and that is not ours.
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> !n.startsWith("onnxruntime") && !n.startsWith("jna"))
          .filter(n -> !n.startsWith("hsperf"))
          .sorted()
          .toList();
    }
  }

  /**
   * Saves two models in turns until it is killed.
   *
   * @param arguments the back end, the folder, and when to kill, from 0 to 1
   * @throws Exception if that cannot be done
   */
  public static void main(String... arguments) throws Exception {
    Compiler compiler = Compiler.forTarget(Target.backend(arguments[0])).build();
    Path saved = Path.of(arguments[1]);
    try (CompiledModel one = compiler.compile(SmallModels.perceptron(4, 8, 2, 1));
        CompiledModel two = compiler.compile(SmallModels.perceptron(4, 8, 2, 2))) {
      long start = System.nanoTime();
      one.save(saved);
      two.save(saved);
      double seconds = (System.nanoTime() - start) / 1e9 * Double.parseDouble(arguments[2]);
      String kill = "sleep %.4f; kill -KILL %d";
      new ProcessBuilder(
              "sh", "-c", String.format(Locale.ROOT, kill, seconds, ProcessHandle.current().pid()))
          .inheritIO()
          .start();
      while (true) {
        one.save(saved);
        two.save(saved);
      }
    }
  }
}

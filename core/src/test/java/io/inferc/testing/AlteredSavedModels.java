package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.common.InfercException;
import io.inferc.common.internal.FileTrees;
import io.inferc.execution.internal.SavedModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Saved models are altered at random: each is refused with an exception of ours, or gives the
 * answers it gave before. {@code -Dinferc.altered=3000} tries more, {@code -Dinferc.altered.seed=…}
 * the same ones again.
 */
public final class AlteredSavedModels {
  private static final int COUNT = Integer.getInteger("inferc.altered", 200);
  private static final long SEED = Long.getLong("inferc.altered.seed", System.nanoTime());
  private static final int HEAD = 200;

  private final Path work;
  private final Random random = new Random(SEED);
  private final Path good;
  private final Path other;

  private AlteredSavedModels(Path work) {
    this.work = work;
    good = work.resolve("good");
    other = work.resolve("other");
  }

  /**
   * Saves models for a target, alters them and loads them.
   *
   * @param target where they run
   * @param work an empty folder
   * @throws IOException if files cannot be copied
   */
  public static void tryOn(Target target, Path work) throws IOException {
    System.out.println(target + ": " + COUNT + " altered saved models of seed " + SEED);
    new AlteredSavedModels(work).run(target);
  }

  /**
   * Compiles a small model and saves it.
   *
   * @param target where it runs
   * @param seed the seed of its weights
   * @param folder where it is saved
   * @return its answers
   */
  public static float[] save(Target target, long seed, Path folder) {
    try (CompiledModel model =
        Compiler.forTarget(target).build().compile(SmallModels.perceptron(4, 8, 2, seed))) {
      model.save(folder);
      return answers(model);
    }
  }

  /**
   * Asks a model of {@link #save}.
   *
   * @param model the model
   * @return its answers
   */
  public static float[] answers(CompiledModel model) {
    try (Tensor x = Tensor.of(new float[] {1, -2, 0.5f, 3}, 1, 4);
        Tensor y = model.run(Map.of(model.inputs().get(0).name(), x)).values().iterator().next()) {
      return y.toFloatArray();
    }
  }

  private void run(Target target) throws IOException {
    float[] expected = save(target, 1, good);
    save(target, 2, other);
    int refused = 0;
    for (int i = 0; i < COUNT; i++) {
      Path altered = work.resolve("altered");
      FileTrees.delete(altered);
      copy(good, altered);
      String what = alter(altered);
      String which = what + ", number " + i + " of seed " + SEED;
      try (CompiledModel model = Inferc.load(altered)) {
        assertArrayEquals(expected, answers(model), which);
      } catch (InfercException e) {
        assertTrue(!e.remedy().isBlank(), which);
        refused++;
      } catch (RuntimeException | Error e) {
        fail(which, e);
      }
    }
    // Else nothing was altered.
    assertTrue(refused > COUNT / 2, refused + " of " + COUNT + " were refused");
  }

  private String alter(Path folder) throws IOException {
    Path file = pick(files(folder));
    byte[] bytes = Files.readAllBytes(file);
    switch (random.nextInt(9)) {
      case 0 -> {
        int at = at(bytes);
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, bytes);
        return file + " with a flipped bit at " + at;
      }
      case 1 -> {
        int length = random.nextInt(bytes.length);
        Files.write(file, Arrays.copyOf(bytes, length));
        return file + " cut to " + length;
      }
      case 2 -> {
        byte[] more = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(64));
        Arrays.fill(more, bytes.length, more.length, (byte) random.nextInt());
        Files.write(file, more);
        return file + " with something behind it";
      }
      case 3 -> {
        Path of = pick(files(other));
        Files.write(file, Files.readAllBytes(of));
        return file + " with the bytes of " + of;
      }
      case 4 -> {
        Files.delete(file);
        return "without " + file;
      }
      case 5 -> {
        int from = at(bytes);
        int to = at(bytes);
        int length = Math.min(random.nextInt(64), bytes.length - Math.max(from, to));
        System.arraycopy(bytes.clone(), from, bytes, to, length);
        Files.write(file, bytes);
        return file + " with " + length + " bytes moved from " + from + " to " + to;
      }
      case 6 -> {
        bytes[at(bytes)] = (byte) ('0' + random.nextInt(10));
        Files.write(file, bytes);
        return file + " with another digit";
      }
      case 7 -> {
        FileTrees.delete(SavedModel.payload(folder));
        copy(SavedModel.payload(other), SavedModel.payload(folder));
        return "with another model's payload under its name";
      }
      default -> {
        Path payload = SavedModel.payload(folder);
        FileTrees.delete(payload);
        copy(SavedModel.payload(other), folder.resolve(SavedModel.payload(other).getFileName()));
        return "with another model's payload instead of its own";
      }
    }
  }

  /** Most of a file is weights, and most of what can go wrong is in front of them. */
  private int at(byte[] bytes) {
    return random.nextInt(random.nextBoolean() ? bytes.length : Math.min(bytes.length, HEAD));
  }

  private Path pick(List<Path> files) {
    return files.get(random.nextInt(files.size()));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(f -> Files.isRegularFile(f) && f.toFile().length() > 0).sorted().toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}

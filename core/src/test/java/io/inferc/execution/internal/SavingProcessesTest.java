package io.inferc.execution.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.ModelLimits;
import io.inferc.runtime.ModelFacts;
import io.inferc.spi.Fingerprint;
import io.inferc.testing.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that save models to one folder, fail at it and load from it, all at once. */
class SavingProcessesTest {
  private static final long MILLIS = 4000;
  private static final int PARTS = 3;

  @TempDir Path folder;

  @Test
  void aReaderSeesTheOldModelOrTheNewOne() {
    Path target = folder.resolve("new/model");
    List<CompletableFuture<ChildJvm.Result>> children =
        Stream.of("first", "second", "failing", "read", "read")
            .map(role -> CompletableFuture.supplyAsync(() -> child(target, role)))
            .toList();
    children.forEach(c -> assertEquals(0, c.join().exitCode(), () -> c.join().output()));
    children.forEach(c -> assertTrue(c.join().output().contains("rounds"), c.join().output()));
    Worker.load(target);
  }

  @Test
  void aFirstSaveThatFailsLeavesNothing() {
    Path target = folder.resolve("new/deep/model");
    assertThrows(IllegalStateException.class, () -> Worker.fail(target));
    assertFalse(Files.exists(folder.resolve("new")));
  }

  @Test
  void aFolderThatWasThereStaysAndIsEmptyAgain() throws IOException {
    Path target = Files.createDirectory(folder.resolve("model"));
    assertThrows(IllegalStateException.class, () -> Worker.fail(target));
    try (Stream<Path> files = Files.list(target)) {
      assertEquals(List.of(), files.toList());
    }
    Worker.save(target, "x");
    assertEquals("x", Worker.load(target));
  }

  private static ChildJvm.Result child(Path target, String role) {
    try {
      return ChildJvm.run(
          List.of("-XX:TieredStopAtLevel=1"), Worker.class, target.toString(), role);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One of the processes. */
  static final class Worker {
    private Worker() {}

    public static void main(String[] args) {
      Path target = Path.of(args[0]);
      long end = System.nanoTime() + MILLIS * 1_000_000;
      int rounds = 0;
      while (System.nanoTime() < end) {
        switch (args[1]) {
          case "failing" -> assertThrows(IllegalStateException.class, () -> fail(target));
          case "read" -> {
            try {
              load(target);
            } catch (InfercException e) {
              // Before the first was saved.
              assertTrue(rounds == 0 && e.getMessage().contains("there is no"), e.getMessage());
              continue;
            }
          }
          default -> save(target, args[1] + rounds);
        }
        rounds++;
      }
      System.out.println(args[1] + ": " + rounds + " rounds");
      System.exit(rounds > 0 ? 0 : 1);
    }

    private static SavedModel model(String name) {
      return new SavedModel(
          name,
          ModelFacts.unknown(),
          ModelLimits.defaults(),
          Fingerprint.of("fake", "1", "cpu", Map.of()),
          Optional.empty(),
          List.of());
    }

    static void save(Path target, String content) {
      model(content).write(target, payload -> writeParts(payload, content));
    }

    static void fail(Path target) {
      model("failing")
          .write(
              target,
              payload -> {
                writeParts(payload, "failing");
                throw new IllegalStateException("the runtime cannot save it");
              });
    }

    private static void writeParts(Path payload, String content) {
      try {
        for (int i = 0; i < PARTS; i++) {
          Files.writeString(payload.resolve("part" + i), content);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Loads the model, all of whose parts must be its own. */
    static String load(Path target) {
      return SavedModel.load(
          target,
          (saved, payload) -> {
            try {
              Path parts = payload.get();
              for (int i = 0; i < PARTS; i++) {
                assertEquals(saved.name(), Files.readString(parts.resolve("part" + i)));
              }
              return saved.name();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}

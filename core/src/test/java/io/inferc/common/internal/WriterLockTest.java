package io.inferc.common.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import io.inferc.testing.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriterLockTest {
  private static final int WRITERS = 3;
  private static final int TURNS = 300;

  @TempDir Path folder;

  @Test
  void threadsAndProcessesWriteOneAfterTheOther() throws IOException {
    Path counter = Files.writeString(folder.resolve("counter"), "0");
    List<CompletableFuture<ChildJvm.Result>> children =
        IntStream.range(0, WRITERS)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> child(counter)))
            .toList();
    children.forEach(c -> assertEquals(0, c.join().exitCode(), () -> c.join().output()));
    assertEquals(Integer.toString(WRITERS * 2 * TURNS), Files.readString(counter));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(counter), files.toList());
    }
  }

  private static ChildJvm.Result child(Path counter) {
    try {
      return ChildJvm.run(List.of(), Counting.class, counter.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // The lock is held, not looked at.
  @SuppressWarnings("try")
  @Test
  void anInterruptEndsTheWait() throws IOException {
    Path target = folder.resolve("model");
    try (WriterLock held = WriterLock.of(target, Stage.IMPORT)) {
      CompletableFuture<Boolean> cancelled =
          CompletableFuture.supplyAsync(
              () -> {
                Thread.currentThread().interrupt();
                assertThrows(
                    CancelledException.class, () -> WriterLock.of(target, Stage.IMPORT).close());
                return Thread.interrupted();
              });
      assertTrue(cancelled.join());
    }
    WriterLock.of(target, Stage.IMPORT).close();
  }

  @Test
  void theLockOfADeadProcessKeepsNobodyOut() throws IOException {
    Path target = folder.resolve("model");
    Files.createFile(folder.resolve(".inferc-lock-model"));
    WriterLock.of(target, Stage.IMPORT).close();
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  /** Two threads that read a number, add one and write it. */
  static final class Counting {
    private Counting() {}

    public static void main(String[] args) {
      Path counter = Path.of(args[0]);
      IntStream.range(0, 2)
          .mapToObj(i -> CompletableFuture.runAsync(() -> count(counter)))
          .toList()
          .forEach(CompletableFuture::join);
    }

    @SuppressWarnings("try")
    private static void count(Path counter) {
      for (int i = 0; i < TURNS; i++) {
        try (WriterLock turn = WriterLock.of(counter, Stage.IMPORT)) {
          int former = Integer.parseInt(Files.readString(counter));
          Files.writeString(counter, Integer.toString(former + 1));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}

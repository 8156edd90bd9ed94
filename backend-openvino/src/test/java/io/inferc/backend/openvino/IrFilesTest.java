package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IrFilesTest {
  private static final int SAVES = 400;

  @TempDir Path folder;

  private static void save(Path target, String content) throws IOException {
    Path work = Files.createTempDirectory(target.getParent(), "work");
    try {
      Path draft = work.resolve("model.xml");
      Files.writeString(draft, content);
      Files.writeString(work.resolve("model.bin"), content);
      new IrFiles(draft).moveTo(new IrFiles(target));
    } finally {
      try (Stream<Path> files = Files.list(work)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(work);
    }
  }

  private String found() throws IOException {
    return Files.readString(folder.resolve("m.xml")) + Files.readString(folder.resolve("m.bin"));
  }

  @Test
  void oneReplacesAnother() throws IOException {
    save(folder.resolve("m.xml"), "a");
    save(folder.resolve("m.xml"), "b");
    assertEquals("bb", found());
    assertEquals(2, entries().size(), entries().toString());
  }

  @Test
  void whatWasThereIsPutBackIfAFileCannotBeMoved() throws IOException {
    save(folder.resolve("m.xml"), "a");
    Files.delete(folder.resolve("m.bin"));
    Files.createDirectories(folder.resolve("m.bin/full"));
    assertThrows(IOException.class, () -> save(folder.resolve("m.xml"), "b"));
    assertEquals("a", Files.readString(folder.resolve("m.xml")));
  }

  @Test
  void processesThatSaveAtOnceLeaveNoMixedPair() throws Exception {
    Path target = folder.resolve("m.xml");
    List<CompletableFuture<ChildJvm.Result>> savers =
        Stream.of("a", "b")
            .map(content -> CompletableFuture.supplyAsync(() -> saver(target, content)))
            .toList();
    for (CompletableFuture<ChildJvm.Result> saver : savers) {
      ChildJvm.Result child = saver.get();
      assertEquals(0, child.exitCode(), child.output());
    }
    String found = found();
    assertEquals(found.charAt(0), found.charAt(1));
    assertFalse(entries().size() > 2, entries().toString());
  }

  private static ChildJvm.Result saver(Path target, String content) {
    try {
      return ChildJvm.run(List.of(), Saver.class, target.toString(), content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /** Saves over and over, and looks at what is there before each. */
  static final class Saver {
    private Saver() {}

    public static void main(String[] args) throws IOException {
      Path target = Path.of(args[0]);
      for (int i = 0; i < SAVES; i++) {
        save(target, args[1]);
      }
    }
  }
}

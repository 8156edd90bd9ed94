package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFolderTest {
  private static final TraceOptions TWO_FILES = TraceOptions.defaults().rotating(4096, 2);

  @TempDir private Path folder;

  private Path file(String millisAndNumber) throws IOException {
    return Files.createFile(folder.resolve("trace-" + millisAndNumber + ".inferctrace"));
  }

  @Test
  void filesAreInTheOrderOfTheirNumbersAndNotOfTheirDigits() throws Exception {
    Path last = file("10000000000000-000001");
    Path third = file("9999999999999-1000000");
    Path second = file("9999999999999-999999");
    Path first = file("0000000000007-000001");
    Files.createFile(folder.resolve("trace-7-1.inferctrace"));
    Files.createDirectory(folder.resolve("trace-0000000000008-000001.inferctrace"));
    assertEquals(List.of(first, second, third, last), TraceFolder.files(folder));
  }

  @Test
  void theMillionthFileIsTheNewest() throws Exception {
    Path older = file("0000000000007-999999");
    Path newer = file("0000000000007-1000000");
    try (TraceFolder locked = TraceFolder.lock(folder, 5)) {
      Path next = locked.next(1, TWO_FILES);
      assertEquals("trace-0000000000008-000001.inferctrace", next.getFileName().toString());
    }
    assertFalse(Files.exists(older));
    assertTrue(Files.exists(newer));
  }

  @Test
  void aRecorderComesAfterAFileOfMoreDigits() throws Exception {
    file("9999999999999999999-000001");
    try (TraceFolder locked = TraceFolder.lock(folder, 5)) {
      Path next = Files.createFile(locked.next(1, TWO_FILES));
      assertEquals("trace-10000000000000000000-000001.inferctrace", next.getFileName().toString());
      assertEquals(next, TraceFolder.files(folder).get(1));
    }
  }

  @Test
  void aFileThatSomebodyElseDeletedTakesNoRoom() throws Exception {
    Path gone = folder.resolve("trace-0000000000001-000001.inferctrace");
    Path older = Files.write(file("0000000000002-000001"), new byte[4000]);
    Path newer = Files.write(file("0000000000003-000001"), new byte[4000]);
    TraceFolder.makeRoom(List.of(gone, older, newer), TWO_FILES.rotating(4096, 3));
    assertTrue(Files.exists(older) && Files.exists(newer));
    TraceFolder.makeRoom(List.of(gone, older, newer), TWO_FILES);
    assertFalse(Files.exists(older));
    assertTrue(Files.exists(newer));
  }

  @Test
  void aFolderIsLockedByAnyOfItsNames() throws Exception {
    Path sub = Files.createDirectory(folder.resolve("sub"));
    Path sameFolder = sub.resolve("..");
    try (TraceFolder locked = TraceFolder.lock(folder, 5)) {
      assertEquals(folder, locked.path());
      assertThrows(IOException.class, () -> TraceFolder.lock(sameFolder, 5));
      assertThrows(IOException.class, () -> TraceFolder.lock(folder, 5));
    }
    TraceFolder.lock(sameFolder, 5).close();
  }
}

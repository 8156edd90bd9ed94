package io.inferc.common.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFolderTest {
  private static final String PREFIX = "inferc-test-";

  @TempDir Path parent;

  private Path left(String mark) throws IOException {
    Path folder = Files.createDirectory(parent.resolve(PREFIX + mark + "-123"));
    Files.writeString(folder.resolve("model.onnx"), "large");
    return folder;
  }

  private static String own(long pid, long laterMillis) {
    String mark = ProcessMark.own();
    int t = mark.indexOf('t');
    int m = mark.indexOf('m');
    return "p"
        + pid
        + "t"
        + (Long.parseLong(mark.substring(t + 1, m)) + laterMillis)
        + mark.substring(m);
  }

  @Test
  void aFolderIsDeletedWithAllThatIsInItWhenItIsClosed() throws IOException {
    Path path;
    try (TemporaryFolder folder = TemporaryFolder.in(parent, PREFIX)) {
      path = folder.path();
      Files.createDirectories(path.resolve("a/b"));
      Files.writeString(path.resolve("a/b/c"), "text");
      assertTrue(path.getFileName().toString().startsWith(PREFIX + ProcessMark.own()));
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void whatDeadProcessesLeftIsDeletedAndNothingElse() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    long me = ProcessHandle.current().pid();
    Path ofDead = left(own(process.pid(), 0));
    Path ofOneWithMyNumber = left(own(me, -3_600_000));
    Path mine = left(ProcessMark.own());
    Path ofParent = left(own(1, startOf(1) - startOf(me)));
    Path elsewhere = left("p1t1m00000000");
    Path longAgo = left("p2t1m00000000");
    Files.setLastModifiedTime(longAgo, FileTime.from(Instant.now().minus(Duration.ofDays(8))));
    Path strangers = left("p1");
    TemporaryFolder.in(parent, PREFIX).close();
    assertFalse(Files.exists(ofDead));
    assertFalse(Files.exists(ofOneWithMyNumber));
    assertFalse(Files.exists(longAgo));
    assertTrue(Files.exists(mine));
    assertTrue(Files.exists(ofParent));
    assertTrue(Files.exists(elsewhere));
    assertTrue(Files.exists(strangers));
    assertEquals("large", Files.readString(mine.resolve("model.onnx")));
  }

  private static long startOf(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(p -> p.info().startInstant())
        .map(Instant::toEpochMilli)
        .orElseThrow();
  }
}

package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeBytesTest {
  @TempDir Path folder;

  @Test
  void bytesComeBackAsTheyWereWhateverTheStep() throws IOException {
    byte[] content = new byte[1000];
    new Random(3).nextBytes(content);
    Path from = folder.resolve("from");
    Files.write(from, content);
    for (long step : new long[] {1, 7, 999, 1000, 1001, 1L << 30}) {
      try (BytePointer bytes = NativeBytes.read(from, step)) {
        assertEquals(content.length, bytes.capacity());
        byte[] read = new byte[content.length];
        bytes.get(read);
        assertArrayEquals(content, read);
        Path to = folder.resolve("to");
        Files.write(to, new byte[2000]);
        NativeBytes.write(bytes, content.length, to, step);
        assertArrayEquals(content, Files.readAllBytes(to));
      }
    }
  }

  @Test
  void anEmptyFileIsMemoryOfOneByte() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty"));
    try (BytePointer bytes = NativeBytes.read(empty)) {
      assertEquals(1, bytes.capacity());
    }
  }
}

package io.inferc.backend.openvino;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An exported model in native memory. Newer versions of OpenVINO use the weights where they lie, so
 * it must stay as long as the model that was imported from it. A copy, not a mapped file: that
 * would bring the JVM down if somebody shortened the file.
 */
final class Blob {
  private static final int PIECE = 1 << 20;
  // What kernels like weights to be aligned to.
  private static final int ALIGNMENT = 64;

  private final Memory memory;
  private final Pointer start;
  private final long bytes;

  private Blob(Memory memory, long bytes) {
    this.memory = memory;
    this.bytes = bytes;
    start = memory.align(ALIGNMENT);
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or is empty
   */
  static Blob read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = channel.size();
      if (bytes == 0) {
        throw new IOException(file + " is empty");
      }
      Blob blob = new Blob(new Memory(bytes + ALIGNMENT), bytes);
      boolean complete = false;
      try {
        for (long at = 0; at < bytes; ) {
          int count = channel.read(blob.start.getByteBuffer(at, Math.min(PIECE, bytes - at)));
          if (count <= 0) {
            throw new IOException(file + " became shorter while it was read");
          }
          at += count;
        }
        complete = true;
        return blob;
      } finally {
        if (!complete) {
          blob.free();
        }
      }
    }
  }

  /** Writes the file again. */
  void write(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (long at = 0; at < bytes; ) {
        at += channel.write(start.getByteBuffer(at, Math.min(PIECE, bytes - at)));
      }
    }
  }

  Pointer start() {
    return start;
  }

  long bytes() {
    return bytes;
  }

  void free() {
    memory.close();
  }
}

package io.inferc.backend.tensorrt;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Files from and to native memory, of any size. */
final class NativeBytes {
  private static final long STEP = 1L << 30;

  private NativeBytes() {}

  /** Reads a whole file, which may be empty; the caller closes what comes back. */
  static BytePointer read(Path file) throws IOException {
    return read(file, STEP);
  }

  static BytePointer read(Path file, long step) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      BytePointer bytes = new BytePointer(Math.max(1, size));
      boolean complete = false;
      try {
        for (long at = 0; at < size; ) {
          ByteBuffer part = part(bytes, at, Math.min(step, size - at));
          int count = channel.read(part, at);
          if (count < 0) {
            throw new EOFException(file + " ended at " + at + " of " + size + " bytes");
          }
          at += count;
        }
        complete = true;
        return bytes;
      } finally {
        if (!complete) {
          bytes.close();
        }
      }
    }
  }

  /** Writes memory to a new file, or over an old one. */
  static void write(Pointer data, long size, Path file) throws IOException {
    write(data, size, file, STEP);
  }

  static void write(Pointer data, long size, Path file, long step) throws IOException {
    BytePointer bytes = new BytePointer(data).capacity(size);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (long at = 0; at < size; ) {
        at += channel.write(part(bytes, at, Math.min(step, size - at)), at);
      }
    }
  }

  private static ByteBuffer part(BytePointer whole, long from, long count) {
    return new BytePointer(whole).position(from).limit(from + count).asByteBuffer();
  }
}

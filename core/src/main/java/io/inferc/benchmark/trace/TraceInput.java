package io.inferc.benchmark.trace;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** A file's bytes by their positions, and the frames of its blocks. */
final class TraceInput implements Closeable {
  private static final int CHUNK = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final long size;

  /**
   * The frame of a block that is wholly there.
   *
   * @param position where it begins
   * @param kind what it holds
   * @param length bytes of the body
   */
  record Block(long position, byte kind, int length) {
    long body() {
      return position + TraceFormat.HEAD_BYTES;
    }

    long end() {
      return position + TraceFormat.FRAME_BYTES + length;
    }
  }

  private TraceInput(Path file, FileChannel channel, long size) {
    this.file = file;
    this.channel = channel;
    this.size = size;
  }

  static TraceInput open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(RegularFiles.require(file), StandardOpenOption.READ);
    boolean complete = false;
    try {
      // What a recorder appends meanwhile is not looked at.
      TraceInput input = new TraceInput(file, channel, channel.size());
      complete = true;
      return input;
    } finally {
      if (!complete) {
        channel.close();
      }
    }
  }

  static InfercException unreadable(Path file, IOException e) {
    CancelledException.throwIfInterrupted(Stage.BENCHMARK, e);
    return new InfercException(
        Stage.BENCHMARK,
        "Tried to read the trace " + file + ", but reading failed: " + e + ".",
        "Check that it exists, its permissions and the disk.",
        e);
  }

  Path file() {
    return file;
  }

  long size() {
    return size;
  }

  /** Reads all bytes that the buffer has room for. */
  ByteBuffer read(long position, ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      int count = channel.read(into, position);
      if (count < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
      position += count;
    }
    return into.flip();
  }

  ByteBuffer read(long position, int count) throws IOException {
    return read(position, ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** Reads a body that is small, and holds it to its checksum. */
  ByteBuffer body(Block block) throws IOException {
    ByteBuffer body = read(block.body(), block.length());
    require(block, TraceFormat.checksum(body.duplicate()));
    return body;
  }

  /** Holds a body to its checksum without keeping it. */
  void check(Block block) throws IOException {
    CRC32C crc = new CRC32C();
    long end = block.body() + block.length();
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(CHUNK, block.length()));
    for (long at = block.body(); at < end; at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), end - at));
      crc.update(read(at, chunk));
    }
    require(block, (int) crc.getValue());
  }

  /** Compares a body's checksum with the one that follows it. */
  void require(Block block, int found) throws IOException {
    if (found != read(block.body() + block.length(), Integer.BYTES).getInt()) {
      throw damage(block.position()).altered("the contents do not have their checksum");
    }
  }

  TraceDamage damage(long position) {
    return new TraceDamage(file, position);
  }

  /** Tells whether a file ends in nothing but zeros, as after a crash of the machine. */
  boolean isZeroFrom(long position) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    for (long at = position; at < size; at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(CHUNK, size - at));
      read(at, chunk);
      while (chunk.hasRemaining()) {
        if (chunk.get() != 0) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

package io.inferc.benchmark.trace;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/** One file that is being written: requests are gathered, and go out as blocks. */
final class TraceFile implements Closeable {
  /** Requests of a block; small beside a file, so that a full file is nearly full. */
  private static final int MOST_REQUESTS = 4096;

  /** Combinations of shapes of a file: they stay in memory while it is written, and when read. */
  static final int MOST_COMBINATIONS = 1 << 16;

  /** What they may take of a file. */
  private static final int MOST_SHAPE_BYTES = 1 << 24;

  private static final int ENDING_BYTES =
      TraceFormat.FRAME_BYTES + TraceFormat.COUNTS_BYTES + TraceFormat.FRAME_BYTES;
  private static final Set<OpenOption> OPTIONS =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private final FileChannel channel;
  private final long mostBytes;
  private final IdentityHashMap<ShapeSet, Integer> numbers = new IdentityHashMap<>();
  private final List<ShapeSet> fresh = new ArrayList<>();
  private final ByteBuffer requests;
  private long freshBytes;
  private long allShapeBytes;
  private int gathered;
  private long size;

  private TraceFile(FileChannel channel, long mostBytes) {
    this.channel = channel;
    this.mostBytes = mostBytes;
    int most = (int) Math.min(MOST_REQUESTS, largestBody(mostBytes) / TraceFormat.EVENT_BYTES);
    requests = little(most * TraceFormat.EVENT_BYTES);
  }

  static TraceFile create(Path path, byte[] header, long mostBytes) throws IOException {
    FileChannel channel = FileChannel.open(path, OPTIONS, ownerOnly(path));
    TraceFile file = new TraceFile(channel, mostBytes);
    boolean complete = false;
    try {
      ByteBuffer start = little(TraceFormat.START_BYTES);
      file.write(start.put(TraceFormat.MAGIC).putInt(TraceFormat.VERSION).flip());
      file.block(TraceFormat.HEADER, ByteBuffer.wrap(header));
      complete = true;
      return file;
    } finally {
      if (!complete) {
        channel.close();
      }
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /** The most bytes of a block that still lets several into a file of that size. */
  static long largestBody(long fileBytes) {
    return Math.min(fileBytes / 4, TraceFormat.MOST_BODY_BYTES);
  }

  /** The most bytes of a payload's block in a file of that size. */
  static long largestPayload(long fileBytes, long headerBytes) {
    return fileBytes / 2 - headerBytes - ENDING_BYTES;
  }

  /** Tells whether a request finds room, with contents of so many bytes. */
  boolean hasRoom(ShapeSet shapes, long payloadBytes) {
    long more = TraceFormat.EVENT_BYTES + payloadBytes;
    if (!numbers.containsKey(shapes)) {
      long bytes = shapeBytes(shapes);
      if (numbers.size() >= MOST_COMBINATIONS || allShapeBytes + bytes > MOST_SHAPE_BYTES) {
        return false;
      }
      more += bytes;
    }
    // Gathered shapes and requests, and the payload, are a block each.
    long frames = 3L * (TraceFormat.FRAME_BYTES + Integer.BYTES);
    return size + freshBytes + requests.position() + more + frames + ENDING_BYTES <= mostBytes;
  }

  private static long shapeBytes(ShapeSet shapes) {
    return (long) shapes.count * Long.BYTES + (long) shapes.sizes.length * Short.BYTES;
  }

  void add(long start, long duration, ShapeSet shapes, boolean failed) throws IOException {
    int number = number(shapes);
    if (!requests.hasRemaining()) {
      flush();
    }
    putRequest(requests, start, duration, number, failed);
    gathered++;
  }

  /** Writes a request with its contents at once. */
  void add(long start, long duration, ShapeSet shapes, boolean failed, Payload payload)
      throws IOException {
    int number = number(shapes);
    flush();
    ByteBuffer[] parts = new ByteBuffer[1 + 2 * payload.contents().length];
    parts[0] = little(TraceFormat.EVENT_BYTES);
    putRequest(parts[0], start, duration, number, failed);
    parts[0].flip();
    for (int i = 0; i < payload.contents().length; i++) {
      byte[] content = payload.contents()[i];
      parts[1 + 2 * i] = little(Integer.BYTES).putInt(content.length).flip();
      parts[2 + 2 * i] = ByteBuffer.wrap(content);
    }
    block(TraceFormat.PAYLOAD, parts);
  }

  private static void putRequest(
      ByteBuffer to, long start, long duration, int shapes, boolean failed) {
    to.putLong(start).putLong(duration).putInt(shapes);
    to.put((byte) (failed ? TraceFormat.FAILED : 0));
  }

  private int number(ShapeSet shapes) throws IOException {
    Integer known = numbers.get(shapes);
    if (known != null) {
      return known;
    }
    long bytes = shapeBytes(shapes);
    if (freshBytes + bytes > largestBody(mostBytes)) {
      flush();
    }
    numbers.put(shapes, numbers.size());
    fresh.add(shapes);
    freshBytes += bytes;
    allShapeBytes += bytes;
    return numbers.size() - 1;
  }

  /** Hands what was gathered to the operating system. */
  void flush() throws IOException {
    if (!fresh.isEmpty()) {
      ByteBuffer body = little((int) freshBytes + Integer.BYTES).putInt(fresh.size());
      for (ShapeSet shapes : fresh) {
        for (long[] shape : shapes.sizes) {
          body.putShort((short) shape.length);
          for (long s : shape) {
            body.putLong(s);
          }
        }
      }
      fresh.clear();
      freshBytes = 0;
      block(TraceFormat.SHAPES, body.flip());
    }
    if (requests.position() > 0) {
      ByteBuffer count = little(Integer.BYTES);
      count.putInt(requests.position() / TraceFormat.EVENT_BYTES).flip();
      block(TraceFormat.REQUESTS, count, requests.flip());
      requests.clear();
      gathered = 0;
    }
  }

  /** Gives up the requests that were gathered and have not gone out; says how many. */
  int forget() {
    int lost = gathered;
    gathered = 0;
    return lost;
  }

  void counts(RecorderStatus status) throws IOException {
    ByteBuffer body = little(TraceFormat.COUNTS_BYTES);
    body.putLong(status.written()).putLong(status.dropped());
    body.putLong(status.droppedPayloads()).putLong(status.unshaped());
    block(TraceFormat.COUNTS, body.flip());
  }

  /** Tells whether counts may be written and leave room for those at the end. */
  boolean hasRoomForCounts() {
    return size
            + freshBytes
            + requests.position()
            + 3L * (TraceFormat.FRAME_BYTES + Integer.BYTES)
            + 2L * ENDING_BYTES
        <= mostBytes;
  }

  void end() throws IOException {
    block(TraceFormat.END);
  }

  private void block(byte kind, ByteBuffer... body) throws IOException {
    int length = 0;
    CRC32C crc = new CRC32C();
    for (ByteBuffer part : body) {
      length += part.remaining();
      crc.update(part.duplicate());
    }
    ByteBuffer head = little(TraceFormat.HEAD_BYTES).put(kind).putInt(length);
    write(head.putInt(TraceFormat.headChecksum(kind, length)).flip());
    for (ByteBuffer part : body) {
      write(part);
    }
    write(little(Integer.BYTES).putInt((int) crc.getValue()).flip());
  }

  private void write(ByteBuffer bytes) throws IOException {
    size += bytes.remaining();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static ByteBuffer little(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

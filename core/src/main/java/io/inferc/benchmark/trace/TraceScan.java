package io.inferc.benchmark.trace;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Goes through a file once, checks everything, and gathers its requests. */
final class TraceScan {
  private final TraceInput input;
  private final int fileIndex;
  private final EventTable events;
  private final List<Integer> shapes = new ArrayList<>();
  private @Nullable TraceHeader header;
  private @Nullable Counts counts;
  private boolean ended;

  /** What the last block of counts says. */
  record Counts(long written, long dropped, long droppedPayloads, long unshaped) {}

  /**
   * What a file is beside its requests.
   *
   * @param header its header, null if it ends before
   * @param counts its last counts, null if it has none
   * @param cut how it ends where it is not finished, empty if it is
   */
  record Result(@Nullable TraceHeader header, @Nullable Counts counts, String cut) {}

  private TraceScan(TraceInput input, int fileIndex, EventTable events) {
    this.input = input;
    this.fileIndex = fileIndex;
    this.events = events;
  }

  static Result of(Path file, int fileIndex, EventTable events) throws IOException {
    try (TraceInput input = TraceInput.open(file)) {
      TraceScan scan = new TraceScan(input, fileIndex, events);
      String cut = scan.all();
      return new Result(scan.header, scan.counts, cut);
    }
  }

  private String all() throws IOException {
    if (!start()) {
      return "ends before its first block";
    }
    long position = TraceFormat.START_BYTES;
    while (position < input.size()) {
      if (ended) {
        throw input.damage(position).altered("more follows the end");
      }
      TraceInput.Block block = frame(position);
      if (block == null) {
        return "ends within the block at byte " + position;
      }
      read(block);
      position = block.end();
    }
    return ended ? "" : "has no end";
  }

  /** False if the file is the beginning of a beginning. */
  private boolean start() throws IOException {
    int there = (int) Math.min(TraceFormat.START_BYTES, input.size());
    ByteBuffer start = input.read(0, there);
    int magic = Math.min(there, TraceFormat.MAGIC.length);
    boolean isTrace =
        start.slice(0, magic).equals(ByteBuffer.wrap(TraceFormat.MAGIC, 0, magic))
            || input.isZeroFrom(0);
    if (!isTrace) {
      throw new InfercException(
          Stage.BENCHMARK,
          "Tried to read " + input.file() + " as a trace, but it does not begin as one.",
          "Give a file that a TraceRecorder wrote, or its folder.");
    }
    if (there < TraceFormat.START_BYTES || input.isZeroFrom(0)) {
      return false;
    }
    int version = start.getInt(TraceFormat.MAGIC.length);
    if (version != TraceFormat.VERSION) {
      throw new InfercException(
          Stage.BENCHMARK,
          "Tried to read the trace "
              + input.file()
              + ", but its format has the version "
              + Integer.toUnsignedString(version)
              + "; this version of inferc reads "
              + TraceFormat.VERSION
              + ".",
          "Read it with the version of inferc that wrote it, or a newer one.");
    }
    return true;
  }

  /** Null if the file ends before the block does. */
  private TraceInput.@Nullable Block frame(long position) throws IOException {
    if (input.size() - position < TraceFormat.FRAME_BYTES) {
      return null;
    }
    ByteBuffer head = input.read(position, TraceFormat.HEAD_BYTES);
    byte kind = head.get();
    int length = head.getInt();
    if (head.getInt() != TraceFormat.headChecksum(kind, length)) {
      if (input.isZeroFrom(position)) {
        return null;
      }
      throw input.damage(position).altered("kind and length do not have their checksum");
    }
    int most = TraceFormat.mostBytes(kind);
    if (length < 0 || length > most) {
      throw input
          .damage(position)
          .altered("the length is " + Integer.toUnsignedString(length) + ", more than " + most);
    }
    TraceInput.Block block = new TraceInput.Block(position, kind, length);
    return block.end() > input.size() ? null : block;
  }

  private void read(TraceInput.Block block) throws IOException {
    TraceDamage damage = input.damage(block.position());
    if ((header == null) != (block.kind() == TraceFormat.HEADER)) {
      throw damage.altered(
          header == null ? "there is no header first" : "there is a second header");
    }
    if (block.kind() == TraceFormat.PAYLOAD) {
      payload(block, damage);
      return;
    }
    BlockBody body = new BlockBody(input.body(block), damage);
    switch (block.kind()) {
      case TraceFormat.HEADER -> header(body);
      case TraceFormat.SHAPES -> shapes(body);
      case TraceFormat.REQUESTS -> requests(body);
      case TraceFormat.COUNTS ->
          counts = new Counts(body.size(), body.size(), body.size(), body.size());
      case TraceFormat.END -> ended = true;
      default -> throw damage.altered("the kind " + block.kind() + " is unknown");
    }
    body.requireEnd();
  }

  private void header(BlockBody body) {
    TraceHeader found = TraceHeader.decode(body);
    if (found.epochNanos() < 0) {
      throw body.wrong("its time is before 1970");
    }
    header = found;
  }

  private void shapes(BlockBody body) {
    List<TensorSpec> inputs = known().inputs();
    // Without inputs, a combination takes no bytes; there is but one.
    int count = inputs.isEmpty() ? body.unsignedInt(1) : body.count(inputs.size() * Short.BYTES);
    for (int i = 0; i < count; i++) {
      int number = events.shapes().number(combination(body, inputs.size()));
      if (number == CombinationTable.TOO_MANY) {
        throw new InfercException(
            Stage.BENCHMARK,
            "Tried to read the trace "
                + input.file()
                + ", but its requests have too many different shapes to keep them all.",
            "Read fewer files at once; each that a recorder wrote can be read by itself.");
      }
      shapes.add(number);
    }
  }

  private static long[] combination(BlockBody body, int inputs) {
    long[] numbers = new long[2 * inputs];
    int used = 0;
    for (int i = 0; i < inputs; i++) {
      int rank = body.unsignedShort(TraceFormat.MOST_RANK);
      if (used + rank >= numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * (used + rank + 1));
      }
      numbers[used++] = rank;
      for (int axis = 0; axis < rank; axis++) {
        numbers[used++] = body.size();
      }
    }
    return Arrays.copyOf(numbers, used);
  }

  private void requests(BlockBody body) {
    int count = body.count(TraceFormat.EVENT_BYTES);
    for (int i = 0; i < count; i++) {
      request(body, EventTable.NO_PAYLOAD);
    }
  }

  private int request(BlockBody body, int payload) {
    long start = body.size();
    long duration = body.size();
    int number = body.unsignedInt(Integer.MAX_VALUE);
    boolean failed = body.oneOf(2) == TraceFormat.FAILED;
    if (number >= shapes.size()) {
      throw body.wrong("a request has shapes that come nowhere before it");
    }
    long absolute = known().epochNanos() + start;
    if (absolute < 0) {
      throw body.wrong("a request began after the end of time");
    }
    if (events.isFull()) {
      throw new InfercException(
          Stage.BENCHMARK,
          "Tried to read more than 2^31 requests into one trace.",
          "Read fewer files at once.");
    }
    events.add(absolute, duration, shapes.get(number), failed, payload);
    return number;
  }

  private void payload(TraceInput.Block block, TraceDamage damage) throws IOException {
    input.check(block);
    int head = Math.min(TraceFormat.EVENT_BYTES, block.length());
    BlockBody event = new BlockBody(input.read(block.body(), head), damage);
    request(
        event,
        events.payload(new EventTable.PayloadPlace(fileIndex, block.position(), block.length())));
    long[][] shapes = events.shapesOf(events.size() - 1);
    long at = block.body() + head;
    long end = block.body() + block.length();
    for (int i = 0; i < shapes.length; i++) {
      TensorSpec spec = known().inputs().get(i);
      if (end - at < Integer.BYTES) {
        throw damage.altered("it ends too early");
      }
      long length = Integer.toUnsignedLong(input.read(at, Integer.BYTES).getInt());
      at += Integer.BYTES + length;
      if (at > end || !fits(spec, shapes[i], length)) {
        throw damage.altered("the contents of '" + spec.name() + "' do not fit its shape");
      }
    }
    if (at != end) {
      throw damage.altered((end - at) + " bytes are left over");
    }
  }

  private static boolean fits(TensorSpec spec, long[] shape, long bytes) {
    long elements = SizeArithmetic.elements(shape);
    if (spec.type() == DataType.STRING) {
      return elements <= bytes / Integer.BYTES;
    }
    return elements <= Integer.MAX_VALUE * 8L && spec.type().byteSize(elements) == bytes;
  }

  private TraceHeader known() {
    return Objects.requireNonNull(header);
  }
}

package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.FunctionModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TraceDamageTest {
  private static final int COUNT = 6;

  @TempDir private Path folder;
  private Path file;
  private byte[] whole;

  @BeforeEach
  void record() throws Exception {
    RecordedModels.record(
        folder, TraceOptions.defaults().payloads(PayloadSampling.every(2)), COUNT);
    file = TraceFolder.files(folder).get(0);
    whole = Files.readAllBytes(file);
  }

  private Trace read(byte[] bytes) throws Exception {
    Files.write(file, bytes);
    return Trace.read(file);
  }

  @Test
  void everyFlippedByteIsFound() throws Exception {
    for (int i = 0; i < whole.length; i++) {
      for (int flip : new int[] {1, 0x80, 0xFF}) {
        byte[] altered = whole.clone();
        altered[i] ^= (byte) flip;
        InfercException e =
            assertThrows(InfercException.class, () -> read(altered), "byte " + i + " ^ " + flip);
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
      }
    }
  }

  @Test
  void aFileThatIsCutOffAnywhereIsReadUpToThere() throws Exception {
    int last = 0;
    for (int length = 0; length < whole.length; length++) {
      Trace trace = read(Arrays.copyOf(whole, length));
      int found = trace.events().size();
      assertTrue(found >= last && found <= COUNT, found + " requests");
      assertEquals(1, trace.notes().size(), trace.notes().toString());
      assertTrue(trace.notes().get(0).contains(file.toString()), trace.notes().get(0));
      trace.samples().forEach((index, sample) -> true);
      last = found;
    }
    assertEquals(COUNT, last);
    assertEquals(List.of(), read(whole).notes());
  }

  @Test
  void aFileThatEndsInZerosIsReadUpToThere() throws Exception {
    TreeMap<Integer, Integer> boundaries = requestsBefore();
    assertEquals(COUNT, boundaries.values().stream().mapToInt(n -> n).max().orElseThrow());
    for (int length = 0; length < whole.length; length++) {
      byte[] zeros = Arrays.copyOf(Arrays.copyOf(whole, length), length + 5000);
      Integer before = boundaries.get(length);
      if (before != null) {
        Trace trace = read(zeros);
        assertEquals(before, trace.events().size(), "before byte " + length);
        assertEquals(1, trace.notes().size(), trace.notes().toString());
      } else if (!endsInZeros(length, boundaries)) {
        // Within a block zeros cannot be told from an altered body.
        assertThrows(InfercException.class, () -> read(zeros), "byte " + length);
      }
    }
    Trace atEnd = read(Arrays.copyOf(Arrays.copyOf(whole, whole.length - 13), 9000));
    assertEquals(COUNT, atEnd.events().size());
    assertTrue(atEnd.notes().get(0).contains("ends within the block"), atEnd.notes().toString());
  }

  /** Tells whether a block has nothing but zeros from a place on. */
  private boolean endsInZeros(int from, TreeMap<Integer, Integer> boundaries) {
    Integer next = boundaries.higherKey(from);
    int end = next == null ? whole.length : next;
    return Arrays.equals(new byte[end - from], Arrays.copyOfRange(whole, from, end));
  }

  /** How many requests are before each place where a block begins, and before the file does. */
  private TreeMap<Integer, Integer> requestsBefore() {
    TreeMap<Integer, Integer> found = new TreeMap<>(Map.of(0, 0));
    ByteBuffer bytes = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    int requests = 0;
    int at = TraceFormat.START_BYTES;
    while (at < whole.length) {
      found.put(at, requests);
      byte kind = bytes.get(at);
      if (kind == TraceFormat.REQUESTS) {
        requests += bytes.getInt(at + TraceFormat.HEAD_BYTES);
      } else if (kind == TraceFormat.PAYLOAD) {
        requests++;
      }
      at += TraceFormat.FRAME_BYTES + bytes.getInt(at + 1);
    }
    return found;
  }

  @Test
  void theFolderIsReadWithoutWhatACrashCutOff() throws Exception {
    RecordedModels.record(folder, TraceOptions.defaults(), COUNT);
    Files.write(file, Arrays.copyOf(whole, whole.length - 20));
    Trace trace = Trace.read(folder);
    assertTrue(trace.events().size() >= COUNT);
    assertEquals(1, trace.notes().size());
  }

  @Test
  void filesOfDifferentModelsAreNoTrace() throws Exception {
    Path other = folder.resolve("other");
    try (FunctionModel model =
        FunctionModel.named("other")
            .input("x", DataType.FLOAT32, "1")
            .output("y", DataType.FLOAT32, "1")
            .computing(inputs -> inputs)) {
      TraceRecorder.open(model, other, TraceOptions.defaults()).close();
    }
    Path moved = TraceFolder.files(other).get(0);
    Files.move(moved, folder.resolve("trace-9999999999999-000001.inferctrace"));
    InfercException e = assertThrows(InfercException.class, () -> Trace.read(folder));
    assertTrue(e.getMessage().contains("each model by themselves"), e.getMessage());
  }

  @Test
  void whatIsNoTraceIsRefused() throws Exception {
    assertThrows(InfercException.class, () -> read("something else".getBytes("UTF-8")));
    assertThrows(InfercException.class, () -> read(new byte[] {'x'}));
    assertThrows(InfercException.class, () -> Trace.read(folder.resolve("nowhere")));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThrows(InfercException.class, () -> Trace.read(empty));
  }

  @Test
  void aNewerVersionIsRefusedByItsNumber() throws Exception {
    byte[] newer = whole.clone();
    newer[8] = 2;
    InfercException e = assertThrows(InfercException.class, () -> read(newer));
    assertTrue(e.getMessage().contains("version 2"), e.getMessage());
  }

  @Test
  void aFileThatChangesAfterItWasReadGivesNoSamples() throws Exception {
    Trace trace = Trace.read(file);
    byte[] altered = whole.clone();
    int at = new String(whole, "ISO-8859-1").indexOf("\u0000\u0000\u0000?");
    assertTrue(at > 0, "the scale 0.5f is in each payload");
    altered[at + 3] ^= 1;
    Files.write(file, altered);
    assertThrows(InfercException.class, () -> trace.samples().forEach((i, sample) -> true));
    Files.write(file, new byte[whole.length]);
    assertThrows(InfercException.class, () -> trace.samples().forEach((i, sample) -> true));
    Files.delete(file);
    assertThrows(InfercException.class, () -> trace.samples().forEach((i, sample) -> true));
  }

  /** Blocks with right checksums that anybody may have written. */
  private final class Forgery {
    private final List<byte[]> blocks = new ArrayList<>();

    Forgery() {
      this(TensorSpec.of("x", DataType.FLOAT32, "n"));
    }

    Forgery(TensorSpec... inputs) {
      block(
          TraceFormat.HEADER,
          new TraceHeader(UUID.randomUUID(), 1, 0, ByteOrder.nativeOrder(), List.of(inputs))
              .encode());
    }

    Forgery block(byte kind, byte[] body) {
      ByteBuffer all =
          ByteBuffer.allocate(body.length + TraceFormat.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      all.put(kind).putInt(body.length);
      all.putInt(TraceFormat.headChecksum(kind, body.length)).put(body);
      all.putInt(TraceFormat.checksum(ByteBuffer.wrap(body)));
      blocks.add(all.array());
      return this;
    }

    Forgery block(byte kind, Consumer<ByteBuffer> body) {
      ByteBuffer bytes = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);
      body.accept(bytes);
      return block(kind, Arrays.copyOf(bytes.array(), bytes.position()));
    }

    Trace read() throws Exception {
      ByteBuffer start = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
      Files.write(file, start.put(TraceFormat.MAGIC).putInt(TraceFormat.VERSION).array());
      for (byte[] block : blocks) {
        Files.write(file, block, StandardOpenOption.APPEND);
      }
      return Trace.read(file);
    }

    void refused(String why) {
      InfercException e = assertThrows(InfercException.class, this::read);
      assertTrue(e.getMessage().contains(why), e.getMessage());
    }
  }

  private static byte[] oneShape(long size) {
    return ByteBuffer.allocate(14)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(1)
        .putShort((short) 1)
        .putLong(size)
        .array();
  }

  @Test
  void countsThatTheFileDoesNotBearOutAreRefused() throws Exception {
    new Forgery().block(TraceFormat.SHAPES, b -> b.putInt(Integer.MAX_VALUE)).refused("no room");
    new Forgery().block(TraceFormat.SHAPES, b -> b.putInt(-1)).refused("no room");
    new Forgery()
        .block(TraceFormat.SHAPES, b -> b.putInt(1).putShort((short) -1))
        .refused("65535 is more than");
    new Forgery()
        .block(TraceFormat.SHAPES, b -> b.putInt(1).putShort((short) 1000))
        .refused("too early");
    new Forgery(new TensorSpec[0])
        .block(TraceFormat.SHAPES, b -> b.putInt(Integer.MAX_VALUE))
        .refused("more than 1");
    new Forgery()
        .block(TraceFormat.REQUESTS, b -> b.putInt(Integer.MAX_VALUE).putLong(0))
        .refused("no room");
    new Forgery().block(TraceFormat.HEADER, b -> b.putLong(0)).refused("second header");
  }

  @Test
  void numbersThatCannotBeAreRefused() throws Exception {
    new Forgery().block(TraceFormat.SHAPES, oneShape(-5)).refused("-5 is negative");
    new Forgery()
        .block(TraceFormat.SHAPES, oneShape(5))
        .block(TraceFormat.REQUESTS, b -> b.putInt(1).putLong(1).putLong(1).putInt(1).put((byte) 0))
        .refused("come nowhere before");
    new Forgery()
        .block(TraceFormat.SHAPES, oneShape(5))
        .block(TraceFormat.REQUESTS, b -> b.putInt(1).putLong(1).putLong(1).putInt(0).put((byte) 4))
        .refused("stands for nothing");
    new Forgery()
        .block(TraceFormat.SHAPES, oneShape(5))
        .block(
            TraceFormat.REQUESTS, b -> b.putInt(1).putLong(-1).putLong(1).putInt(0).put((byte) 0))
        .refused("negative");
    new Forgery().block((byte) 9, b -> b.putInt(1)).refused("kind 9 is unknown");
    new Forgery().block(TraceFormat.COUNTS, b -> b.putInt(1)).refused("too early");
    new Forgery().block(TraceFormat.END, b -> b.putInt(1)).refused("left over");
    new Forgery()
        .block(TraceFormat.END, b -> {})
        .block(TraceFormat.COUNTS, new byte[32])
        .refused("more follows");
  }

  @Test
  void contentsThatDoNotFitTheirShapeAreRefused() throws Exception {
    for (long size : new long[] {2, 0, Long.MAX_VALUE, 1L << 62, 1L << 40}) {
      new Forgery()
          .block(TraceFormat.SHAPES, oneShape(size))
          .block(
              TraceFormat.PAYLOAD,
              b -> b.putLong(1).putLong(1).putInt(0).put((byte) 0).putInt(4).putFloat(1))
          .refused("do not fit its shape");
    }
    new Forgery()
        .block(TraceFormat.SHAPES, oneShape(1))
        .block(
            TraceFormat.PAYLOAD,
            b -> b.putLong(1).putLong(1).putInt(0).put((byte) 0).putInt(-4).putFloat(1))
        .refused("do not fit its shape");
    new Forgery()
        .block(TraceFormat.SHAPES, oneShape(1))
        .block(TraceFormat.PAYLOAD, b -> b.putLong(1))
        .refused("too early");
  }

  @Test
  void requestsOfAnySizeAreReadAndNotMadeUp() throws Exception {
    Trace huge =
        new Forgery()
            .block(TraceFormat.SHAPES, oneShape(Long.MAX_VALUE))
            .block(
                TraceFormat.REQUESTS,
                b -> b.putInt(1).putLong(1).putLong(1).putInt(0).put((byte) 0))
            .read();
    assertEquals(1, huge.events().size());
    assertThrows(InfercException.class, () -> huge.requests(GeneratedValues.seeded(1)));
    assertTrue(ProfileSuggestion.of(huge).toString().contains("" + Long.MAX_VALUE));
  }

  @Test
  @Timeout(120)
  void sizesThatAreChosenToCollideAreReadSoonEnough() throws Exception {
    int count = 100_000;
    ByteBuffer shapes = ByteBuffer.allocate(4 + count * 18).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer requests = ByteBuffer.allocate(4 + count * 21).order(ByteOrder.LITTLE_ENDIAN);
    shapes.putInt(count);
    requests.putInt(count);
    for (int i = 0; i < count; i++) {
      long size = (long) i << 32 | i;
      shapes.putShort((short) 2).putLong(size).putLong(size);
      requests.putLong(i).putLong(1).putInt(i).put((byte) 0);
    }
    Trace trace =
        new Forgery(TensorSpec.of("x", DataType.FLOAT32, "n, m"))
            .block(TraceFormat.SHAPES, shapes.array())
            .block(TraceFormat.REQUESTS, requests.array())
            .read();
    assertEquals(count, trace.shapes(true).size());
    assertEquals(count, ProfileSuggestion.of(trace).requests());
  }

  @Test
  void combinationsOfShapesAreKeptUpToABound() {
    CombinationTable table = new CombinationTable();
    for (int i = 0; i < CombinationTable.MOST; i++) {
      assertEquals(i, table.number(new long[] {1, i}));
    }
    assertEquals(CombinationTable.TOO_MANY, table.number(new long[] {0}));
    assertEquals(7, table.number(new long[] {1, 7}));
    assertArrayEquals(new long[][] {{7}}, table.shapes(7));
  }

  @Test
  void hashesOfSizesAreNotOneAndTheSame() {
    Set<Integer> shapes = new HashSet<>();
    Set<Integer> combinations = new HashSet<>();
    for (long i = 0; i < 1000; i++) {
      long size = i << 32 | i;
      shapes.add(new RequestShapes(Map.of("x", List.of(size))).hashCode());
      combinations.add(CombinationTable.hash(new long[] {1, size}));
    }
    // Of 32 bits, hardly any two are alike.
    assertTrue(shapes.size() > 990 && combinations.size() > 990);
    Map<String, List<Long>> turned = new LinkedHashMap<>();
    turned.put("b", List.of(2L));
    turned.put("a", List.of(1L));
    RequestShapes other = new RequestShapes(Map.of("a", List.of(1L), "b", List.of(2L)));
    assertEquals(other, new RequestShapes(turned));
    assertEquals(other.hashCode(), new RequestShapes(turned).hashCode());
  }

  @Test
  void headersThatCannotBeAreRefused() throws Exception {
    Forgery twice =
        new Forgery(TensorSpec.of("x", DataType.INT8), TensorSpec.of("x", DataType.INT8));
    twice.refused("two inputs have one name");
    new Forgery(
            new TensorSpec(
                "x", DataType.INT8, TensorShape.of(Collections.nCopies(1025, Dimension.unknown()))))
        .refused("1025 dimensions");
  }

  @Test
  void payloadsOfAnotherByteOrderAreRefusedWhenAskedFor() throws Exception {
    ByteOrder other =
        ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
            ? ByteOrder.LITTLE_ENDIAN
            : ByteOrder.BIG_ENDIAN;
    Forgery foreign = new Forgery();
    foreign.blocks.clear();
    TensorSpec x = TensorSpec.of("x", DataType.FLOAT32, "n");
    Trace trace =
        foreign
            .block(
                TraceFormat.HEADER,
                new TraceHeader(UUID.randomUUID(), 1, 0, other, List.of(x)).encode())
            .block(TraceFormat.SHAPES, oneShape(1))
            .block(
                TraceFormat.PAYLOAD,
                b -> b.putLong(1).putLong(1).putInt(0).put((byte) 0).putInt(4).putFloat(1))
            .read();
    assertEquals(1, trace.events().size());
    assertThrows(InfercException.class, trace::samples);
  }
}

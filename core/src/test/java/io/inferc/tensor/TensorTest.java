package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.ResourceClosedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TensorTest {
  private static final ByteOrder FOREIGN =
      ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
          ? ByteOrder.BIG_ENDIAN
          : ByteOrder.LITTLE_ENDIAN;

  private static String refusedWrap(ByteBuffer buffer) {
    return assertThrows(
            IllegalArgumentException.class, () -> Tensor.wrap(buffer, DataType.FLOAT32, 2))
        .getMessage();
  }

  @Test
  void aHeapBufferForeignOrderReadOnlyOrWrongSizeIsRefused() {
    assertTrue(refusedWrap(ByteBuffer.allocate(8)).contains("Java heap"));
    assertTrue(refusedWrap(ByteBuffer.allocateDirect(8).order(FOREIGN)).contains("byte order"));
    ByteBuffer whole = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    assertTrue(
        refusedWrap(whole.asReadOnlyBuffer().order(ByteOrder.nativeOrder())).contains("read-only"));
    assertTrue(
        refusedWrap(ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder()))
            .contains("12 bytes"));
  }

  @Test
  void aWrappedBufferIsSharedFromPositionToLimit() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
    buffer.position(4).limit(12);
    try (Tensor t = Tensor.wrap(buffer, DataType.INT32, 2)) {
      t.ints().put(0, 7);
      t.ints().put(1, 8);
    }
    assertEquals(7, buffer.getInt(4));
    assertEquals(8, buffer.getInt(8));
  }

  @Test
  void everyAccessorRefusesAClosedTensorAndClosingTwiceDoesNoHarm() {
    Tensor t = Tensor.of(new float[] {1, 2}, 2);
    t.close();
    t.close();
    assertTrue(t.isClosed());
    assertThrows(ResourceClosedException.class, t::bytes);
    assertThrows(ResourceClosedException.class, t::floats);
    assertThrows(ResourceClosedException.class, t::toFloatArray);
    assertThrows(ResourceClosedException.class, t::copy);
    assertThrows(ResourceClosedException.class, t::storage);
    assertEquals("FLOAT32[2]", t.toString());
    Tensor text = Tensor.ofStrings(List.of("a"), 1);
    text.close();
    assertThrows(ResourceClosedException.class, text::strings);
  }

  @Test
  void shapesAndValuesMustAgree() {
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(new float[] {1}, 2));
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(new long[] {1}, -1));
    assertThrows(IllegalArgumentException.class, () -> Tensor.ofStrings(List.of("a"), 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> Tensor.ofBytes(DataType.INT16, new byte[] {1, 2, 3}, 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> Tensor.allocate(DataType.INT8, Long.MAX_VALUE, Long.MAX_VALUE));
    assertThrows(IllegalStateException.class, () -> Tensor.of(new float[] {1}, 1).longs());
  }

  @Test
  void elementsAreWidenedExactly() {
    try (Tensor half = Tensor.ofBytes(DataType.FLOAT16, nativeShorts(0x3C00, 0xC000, 0x7BFF), 3);
        Tensor brain = Tensor.ofBytes(DataType.BFLOAT16, nativeShorts(0x3F80, 0xC040), 2);
        Tensor unsigned = Tensor.ofBytes(DataType.UINT8, new byte[] {-1, 1}, 2);
        Tensor bools = Tensor.of(new boolean[] {true, false}, 2)) {
      assertArrayEquals(new float[] {1, -2, 65504}, half.toFloatArray());
      assertArrayEquals(new float[] {1, -3}, brain.toFloatArray());
      assertArrayEquals(new long[] {255, 1}, unsigned.toLongArray());
      assertArrayEquals(new double[] {1, 0}, bools.toDoubleArray());
    }
    try (Tensor big =
        Tensor.ofBytes(DataType.UINT64, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}, 1)) {
      assertEquals(0x1p64, big.toDoubleArray()[0]);
    }
  }

  private static byte[] nativeShorts(int... values) {
    ByteBuffer b = ByteBuffer.allocate(values.length * 2).order(ByteOrder.nativeOrder());
    for (int v : values) {
      b.putShort((short) v);
    }
    return b.array();
  }

  @Test
  void halvesSurviveTheWayThroughFloatsAndRoundToEven() {
    for (int bits = 0; bits <= 0xFFFF; bits++) {
      float wide = Half.fromFloat16((short) bits);
      if (Float.isNaN(wide)) {
        assertTrue(Float.isNaN(Half.fromFloat16(Half.toFloat16(wide))));
      } else {
        assertEquals((short) bits, Half.toFloat16(wide));
      }
      float brain = Half.fromBfloat16((short) bits);
      if (!Float.isNaN(brain)) {
        assertEquals((short) bits, Half.toBfloat16(brain));
      }
    }
    assertEquals((short) 0x3C00, Half.toFloat16(1 + 0x1p-11f), "a tie goes to the even one");
    assertEquals((short) 0x3C02, Half.toFloat16(1 + 3 * 0x1p-11f));
    assertEquals((short) 0x7C00, Half.toFloat16(65520f));
    assertEquals((short) 0x7BFF, Half.toFloat16(65519.99f));
    assertEquals((short) 0x0001, Half.toFloat16(0x1p-24f));
    assertEquals((short) 0x0000, Half.toFloat16(0x1p-25f));
    assertEquals((short) 0x3F80, Half.toBfloat16(1 + 0x1p-8f));
  }

  @Test
  void everyTypeHasTheCodeAndWidthOfTheSpecification() {
    assertEquals(26, DataType.values().length);
    for (DataType t : DataType.values()) {
      assertEquals(t, DataType.fromOnnxCode(t.onnxCode()).orElseThrow());
    }
    assertTrue(DataType.fromOnnxCode(0).isEmpty());
    assertEquals(3, DataType.INT4.byteSize(5));
    assertEquals(2, DataType.UINT2.byteSize(5));
    assertEquals(80, DataType.COMPLEX128.byteSize(5));
    assertThrows(IllegalArgumentException.class, () -> DataType.STRING.byteSize(1));
  }

  @Test
  void generatedSamplesAreClosedAfterTheVisitEvenIfItThrows() {
    List<Tensor> made = new ArrayList<>();
    Dataset data =
        Dataset.generated(
            3,
            i -> {
              Tensor t = Tensor.of(new long[] {i}, 1);
              made.add(t);
              return Map.of("x", t);
            });
    assertThrows(
        IllegalStateException.class,
        () ->
            data.forEach(
                (i, sample) -> {
                  if (i == 1) {
                    throw new IllegalStateException("enough");
                  }
                  return true;
                }));
    assertEquals(2, made.size());
    assertTrue(made.stream().allMatch(Tensor::isClosed));
    assertEquals(2, data.limit(2).size().orElseThrow());
    List<Long> seen = new ArrayList<>();
    data.limit(2).forEach((i, sample) -> seen.add(i));
    assertEquals(List.of(0L, 1L), seen);
  }

  /** An iterator that notes when it is closed. */
  private static final class Source implements Iterator<Map<String, Tensor>>, AutoCloseable {
    private int next;
    private boolean closed;

    @Override
    public boolean hasNext() {
      return next < 5;
    }

    @Override
    public Map<String, Tensor> next() {
      return Map.of("x", Tensor.of(new long[] {next++}, 1));
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Test
  void aStreamIsClosedWhenTheVisitorHasSeenEnough() {
    List<Source> sources = new ArrayList<>();
    Dataset data =
        Dataset.streaming(
            () -> {
              Source s = new Source();
              sources.add(s);
              return s;
            });
    data.forEach((i, sample) -> i < 1);
    assertTrue(sources.get(0).closed);
    assertEquals(2, sources.get(0).next);
    assertTrue(data.size().isEmpty());
  }

  @Test
  void declaredShapesAcceptWhatFitsThem() {
    TensorShape shape = TensorShape.parse("batch, 3, ?");
    assertTrue(shape.accepts(9, 3, 1));
    assertFalse(shape.accepts(9, 4, 1));
    assertFalse(shape.accepts(9, 3));
    assertTrue(TensorShape.unknownRank().accepts(1, 2, 3));
    assertEquals("[batch, 3, ?]", shape.toString());
    assertEquals(shape, TensorShape.parse(" batch,3 , ? "));
    assertThrows(IllegalStateException.class, shape::fixedSizes);
    assertThrows(IllegalArgumentException.class, () -> TensorShape.of(-1));
    assertArrayEquals(new long[0], TensorShape.scalar().fixedSizes());
  }

  @Test
  void rowsBecomeATensorOfTwoDimensions() {
    try (Tensor floats = Tensor.of(new float[][] {{1, 2, 3}, {4, 5, 6}});
        Tensor longs = Tensor.of(new long[][] {{1}, {2}});
        Tensor none = Tensor.of(new float[0][])) {
      assertArrayEquals(new long[] {2, 3}, floats.shape());
      assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, floats.toFloatArray());
      assertArrayEquals(new long[] {2, 1}, longs.shape());
      assertArrayEquals(new long[] {1, 2}, longs.toLongArray());
      assertArrayEquals(new long[] {0, 0}, none.shape());
    }
  }

  @Test
  void raggedRowsAreRefusedByTheirName() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Tensor.of(new long[][] {{101, 7592}, {101, 102}, {101}}));
    assertEquals(
        "Tried to make a tensor of 3 rows, but rows[2] has 1 elements and rows[0] has 2. Give all"
            + " rows one length, for example by padding.",
        e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(new float[][] {{}, {1}}));
    float[][] hole = new float[2][];
    hole[0] = new float[3];
    NullPointerException missing = assertThrows(NullPointerException.class, () -> Tensor.of(hole));
    assertEquals("rows[1]", missing.getMessage());
  }

  @Test
  void partsOfATensorAreReadAsTheWholeIs() {
    float[] floats = {1, -2, 0.5f, 65504, 3};
    for (DataType type :
        List.of(DataType.FLOAT32, DataType.FLOAT16, DataType.BFLOAT16, DataType.FLOAT64)) {
      try (Tensor tensor = Tensor.allocate(type, 5)) {
        for (int i = 0; i < floats.length; i++) {
          switch (type) {
            case FLOAT32 -> tensor.floats().put(i, floats[i]);
            case FLOAT64 -> tensor.doubles().put(i, floats[i]);
            case FLOAT16 -> tensor.shorts().put(i, Half.toFloat16(floats[i]));
            default -> tensor.shorts().put(i, Half.toBfloat16(floats[i]));
          }
        }
        float[] some = new float[4];
        tensor.readFloats(2, some, 3);
        assertArrayEquals(
            new float[] {some[0], some[1], some[2]},
            Arrays.copyOfRange(tensor.toFloatArray(), 2, 5));
        double[] doubles = new double[2];
        tensor.readDoubles(1, doubles, 2);
        assertArrayEquals(doubles, Arrays.copyOfRange(tensor.toDoubleArray(), 1, 3));
        assertEquals(-2, doubles[0]);
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.readFloats(3, some, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.readFloats(-1, some, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.readFloats(0, some, 5));
      }
    }
  }
}

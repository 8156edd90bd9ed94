package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InitializerTest {
  @Test
  void floatsAreFoundInWhicheverFieldHoldsThem() {
    TensorProto typed = shell(DataType.FLOAT32, 2).addFloatData(1.5f).addFloatData(-2).build();
    TensorProto raw =
        shell(DataType.FLOAT32, 2).setRawData(bytes("00 00 c0 3f 00 00 00 c0")).build();

    assertArrayEquals(new float[] {1.5f, -2}, of(typed).floats());
    assertArrayEquals(new float[] {1.5f, -2}, of(raw).floats());
    assertEquals(of(typed).bytes(), of(raw).bytes());
  }

  @Test
  void integersAreFoundInWhicheverFieldHoldsThem() {
    assertArrayEquals(
        new long[] {Long.MIN_VALUE, 7},
        of(shell(DataType.INT64, 2).addInt64Data(Long.MIN_VALUE).addInt64Data(7).build()).longs());
    assertArrayEquals(
        new long[] {-5, 7},
        of(shell(DataType.INT32, 2).addInt32Data(-5).addInt32Data(7).build()).longs());
    assertArrayEquals(
        new long[] {-128, 127},
        of(shell(DataType.INT8, 2).addInt32Data(-128).addInt32Data(127).build()).longs());
    assertArrayEquals(
        new long[] {255, 0},
        of(shell(DataType.UINT8, 2).addInt32Data(255).addInt32Data(0).build()).longs());
    assertArrayEquals(
        new long[] {65535, 1},
        of(shell(DataType.UINT16, 2).addInt32Data(65535).addInt32Data(1).build()).longs());
    assertArrayEquals(
        new long[] {-32768, 1},
        of(shell(DataType.INT16, 2).addInt32Data(-32768).addInt32Data(1).build()).longs());
    assertArrayEquals(
        new long[] {4294967295L, 1},
        of(shell(DataType.UINT32, 2).addUint64Data(4294967295L).addUint64Data(1).build()).longs());
    assertArrayEquals(
        new long[] {-1, 1},
        of(shell(DataType.UINT64, 2).addUint64Data(-1).addUint64Data(1).build()).longs());
    assertArrayEquals(
        new long[] {1, 0},
        of(shell(DataType.BOOL, 2).addInt32Data(1).addInt32Data(0).build()).longs());
  }

  @Test
  void theLargestUnsignedIntegersBecomeTheNearestDoubles() {
    Initializer tensor =
        of(shell(DataType.UINT64, 2).addUint64Data(-1).addUint64Data(Long.MIN_VALUE).build());

    assertArrayEquals(new double[] {0x1p64, 0x1p63}, tensor.doubles());
  }

  @Test
  void packedTypesAreReadLowPartFirst() {
    assertArrayEquals(
        new long[] {1, 2, 15},
        of(shell(DataType.UINT4, 3).setRawData(bytes("21 0f")).build()).longs());
    assertArrayEquals(
        new long[] {-8, 7, -1},
        of(shell(DataType.INT4, 3).setRawData(bytes("78 0f")).build()).longs());
    assertArrayEquals(
        new long[] {0, 1, 2, 3, 1},
        of(shell(DataType.UINT2, 5).setRawData(bytes("e4 01")).build()).longs());
    assertArrayEquals(
        new long[] {0, 1, -2, -1, 1},
        of(shell(DataType.INT2, 5).setRawData(bytes("e4 01")).build()).longs());
    assertArrayEquals(
        new float[] {0.5f, -6},
        of(shell(DataType.FLOAT4E2M1, 2).setRawData(bytes("f1")).build()).floats());
    // In int32_data each entry is one packed byte.
    assertArrayEquals(
        new long[] {1, 2, 15},
        of(shell(DataType.UINT4, 3).addInt32Data(0x21).addInt32Data(0x0f).build()).longs());
  }

  @Test
  void halvesAreStoredAsBitsInTheIntegerField() {
    assertArrayEquals(
        new float[] {1, -2},
        of(shell(DataType.FLOAT16, 2).addInt32Data(0x3c00).addInt32Data(0xc000).build()).floats());
    assertArrayEquals(
        new float[] {1, -2},
        of(shell(DataType.BFLOAT16, 2).addInt32Data(0x3f80).addInt32Data(0xc000).build()).floats());
  }

  @Test
  void eightBitFloatsHaveTheValuesOfTheirFormats() {
    assertArrayEquals(
        new float[] {1, 448, Float.NaN, 0x1p-9f, -0f},
        eight(DataType.FLOAT8E4M3FN, "38 7e 7f 01 80"));
    assertArrayEquals(
        new float[] {1, 240, Float.NaN, 0x1p-10f}, eight(DataType.FLOAT8E4M3FNUZ, "40 7f 80 01"));
    assertArrayEquals(
        new float[] {1, 57344, Float.POSITIVE_INFINITY, Float.NaN, 0x1p-16f},
        eight(DataType.FLOAT8E5M2, "3c 7b 7c 7d 01"));
    assertArrayEquals(
        new float[] {1, 57344, Float.NaN, 0x1p-17f}, eight(DataType.FLOAT8E5M2FNUZ, "40 7f 80 01"));
    assertArrayEquals(
        new float[] {1, 0x1p-127f, 0x1p127f, Float.NaN}, eight(DataType.FLOAT8E8M0, "7f 00 fe ff"));
  }

  @Test
  void encodingSaturatesAndRoundsTiesToEven() {
    Initializer tensor =
        Initializer.floats(
            "t", DataType.FLOAT8E4M3FN, new float[] {1000, -1000, 1.0625f, 1.1875f, 0}, 5);

    assertArrayEquals(new float[] {448, -448, 1, 1.25f, 0}, tensor.floats());
  }

  @Test
  void halfPrecisionOverflowsToInfinityAndKeepsNan() {
    Initializer tensor =
        Initializer.floats(
            "t",
            DataType.FLOAT16,
            new float[] {65504, 65519.99f, 65520, Float.NaN, 0x1p-24f, 0x1p-25f, 0x1.8p-25f},
            7);

    assertArrayEquals(
        new float[] {65504, 65504, Float.POSITIVE_INFINITY, Float.NaN, 0x1p-24f, 0, 0x1p-24f},
        tensor.floats());
  }

  @Test
  void everyHalfSurvivesBeingDecodedAndEncoded() {
    for (int bits = 0; bits <= 0xffff; bits++) {
      float value = SmallFloat.fromHalf((short) bits);
      if (Float.isNaN(value)) {
        assertTrue(Float.isNaN(SmallFloat.fromHalf(SmallFloat.toHalf(value))));
      } else {
        assertEquals((short) bits, SmallFloat.toHalf(value), "half " + bits);
      }
      float brain = SmallFloat.fromBrain((short) bits);
      if (!Float.isNaN(brain)) {
        assertEquals((short) bits, SmallFloat.toBrain(brain), "brain " + bits);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {
        "FLOAT8E4M3FN",
        "FLOAT8E4M3FNUZ",
        "FLOAT8E5M2",
        "FLOAT8E5M2FNUZ",
        "FLOAT8E8M0",
        "FLOAT4E2M1"
      })
  void everyCodeOfASmallFloatSurvivesBeingDecodedAndEncoded(DataType type) {
    SmallFloat.Encoder encoder = new SmallFloat.Encoder(type);
    for (int code = 0; code < 1 << type.bitWidth(); code++) {
      float value = SmallFloat.decode(type, code);
      if (Float.isFinite(value)) {
        assertEquals(code, encoder.encode(value), type + " code " + code);
      }
    }
  }

  @Test
  void aRunOfValuesIsReadWithoutTheRest() {
    Initializer tensor =
        Initializer.longs("t", DataType.INT4, new long[] {-8, -7, 0, 5, 7, 1}, 2, 3);

    assertArrayEquals(new long[] {-7, 0, 5}, tensor.longs(1, 3));
    assertArrayEquals(new float[] {7, 1}, tensor.floats(4, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.longs(4, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.floats(-1, 1));
  }

  @Test
  void textIsReadAsText() {
    Initializer tensor = Initializer.strings("t", List.of("a", "\u00e9", ""), 3);

    assertEquals(List.of("a", "\u00e9", ""), tensor.strings());
    assertEquals(3, tensor.byteSize());
    assertThrows(IllegalStateException.class, tensor::bytes);
    assertThrows(IllegalStateException.class, tensor::floats);
    assertThrows(IllegalStateException.class, tensor::longs);
    assertThrows(
        IllegalStateException.class, () -> Initializer.floats("f", new float[] {1}, 1).strings());
  }

  @Test
  void integersAreNotReadFromFloats() {
    Initializer tensor = Initializer.floats("t", new float[] {1.5f}, 1);

    assertThrows(IllegalStateException.class, tensor::longs);
  }

  @Test
  void scalarsAndEmptyTensorsHaveTheirCounts() {
    Initializer scalar = Initializer.floats("s", new float[] {3});
    Initializer empty = Initializer.floats("e", new float[0], 2, 0, 5);

    assertEquals(1, scalar.elementCount());
    assertEquals(0, scalar.dims().length);
    assertEquals(0, empty.elementCount());
    assertEquals(0, empty.bytes().remaining());
    assertEquals(0, empty.floats().length);
  }

  @Test
  void aCountThatDoesNotFitTheShapeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Initializer.floats("t", new float[3], 2, 2));
    assertThrows(IllegalArgumentException.class, () -> Initializer.longs("t", new long[1], -1));
    assertThrows(IllegalArgumentException.class, () -> Initializer.strings("t", List.of("a"), 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> Initializer.of("t", DataType.INT32, ByteBuffer.allocate(7), 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> Initializer.wrap("t", DataType.INT32, ByteBuffer.allocateDirect(7), 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> Initializer.of("t", DataType.INT8, ByteBuffer.allocate(8), -2, -4));
    assertThrows(
        IllegalArgumentException.class,
        () -> Initializer.of("t", DataType.INT8, ByteBuffer.allocate(0), 1L << 32, 1L << 32));
  }

  @Test
  void aValueTheTypeCannotHoldIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Initializer.longs("t", DataType.INT8, new long[] {128}, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> Initializer.longs("t", DataType.UINT4, new long[] {-1}, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> Initializer.longs("t", DataType.BOOL, new long[] {2}, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> Initializer.longs("t", DataType.FLOAT32, new long[] {1}, 1));
  }

  @Test
  void aCopyIsNotChangedByItsSourceAndAWrappedDirectBufferIsNotCopied() {
    ByteBuffer source = ByteBuffer.allocateDirect(12).order(ByteOrder.LITTLE_ENDIAN);
    source.putInt(0, 1).putInt(4, 2).putInt(8, 3).position(4);
    Initializer copy = Initializer.of("t", DataType.INT32, source, 2);
    Initializer wrapped = Initializer.wrap("t", DataType.INT32, source, 2);
    assertEquals(copy, wrapped);

    source.putInt(4, 9);

    assertArrayEquals(new long[] {2, 3}, copy.longs());
    assertArrayEquals(new long[] {9, 3}, wrapped.longs());
    assertEquals(4, source.position());
    assertTrue(wrapped.bytes().isDirect());
    assertTrue(wrapped.bytes().isReadOnly());
    assertNotEquals(copy, wrapped);
  }

  @Test
  void bytesAreReadOnlyAndLittleEndianWhereverTheyAre() {
    Initializer heap = Initializer.longs("t", DataType.INT16, new long[] {1, 256}, 2);

    assertTrue(heap.bytes().isReadOnly());
    assertEquals(ByteOrder.LITTLE_ENDIAN, heap.bytes().order());
    assertEquals(256, heap.bytes().getShort(2));
  }

  @Test
  void valuesThatAreNotThereAreReportedWithTheCounts() {
    Initializer tooFew = of(shell(DataType.FLOAT32, 3).addFloatData(1).build());
    Initializer wrongRaw = of(shell(DataType.FLOAT32, 3).setRawData(bytes("00 00")).build());
    Initializer unknownType =
        of(TensorProto.newBuilder().setName("t").setDataType(99).addDims(1).build());
    Initializer negative = of(shell(DataType.FLOAT32, -3).build());
    Initializer huge = of(shell(DataType.FLOAT32, Long.MAX_VALUE).addDims(Long.MAX_VALUE).build());

    for (Initializer bad : List.of(tooFew, wrongRaw, unknownType, negative, huge)) {
      ModelFormatException e = assertThrows(ModelFormatException.class, bad::bytes);
      assertTrue(e.problem().contains("'t'"), e.problem());
    }
  }

  private static float[] eight(DataType type, String hex) {
    ByteString raw = bytes(hex);
    return of(shell(type, raw.size()).setRawData(raw).build()).floats();
  }

  private static Initializer of(TensorProto proto) {
    return new Initializer(proto, ExternalFiles.NONE);
  }

  private static TensorProto.Builder shell(DataType type, long n) {
    return TensorProto.newBuilder().setName("t").setDataType(type.onnxCode()).addDims(n);
  }

  private static ByteString bytes(String hex) {
    ByteString.Output out = ByteString.newOutput();
    for (String part : hex.split(" ")) {
      out.write(Integer.parseInt(part, 16));
    }
    return out.toByteString();
  }
}

package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class StridedCopyTest {
  private static byte[] gather(long[] lengths, long[] strides, byte... elements) {
    NativeShape shape =
        new NativeShape(DataType.INT8, false, false, elements.length, lengths, strides);
    ByteBuffer to = ByteBuffer.allocate((int) shape.elementCount());
    StridedCopy.gather(shape, ByteBuffer.wrap(elements), to);
    return to.array();
  }

  @Test
  void aTransposedOutputIsPutInRowMajorOrder() {
    assertArrayEquals(
        new byte[] {1, 4, 2, 5, 3, 6},
        gather(
            new long[] {3, 2},
            new long[] {1, 3},
            (byte) 1,
            (byte) 2,
            (byte) 3,
            (byte) 4,
            (byte) 5,
            (byte) 6));
  }

  @Test
  void aBroadcastOutputIsRepeated() {
    assertArrayEquals(
        new byte[] {7, 8, 7, 8, 7, 8},
        gather(new long[] {3, 2}, new long[] {0, 1}, (byte) 7, (byte) 8));
  }

  @Test
  void elementsOfSeveralBytesStayWhole() {
    NativeShape shape =
        new NativeShape(DataType.INT16, false, false, 8, new long[] {2, 2}, new long[] {1, 2});
    ByteBuffer to = ByteBuffer.allocate(8);
    StridedCopy.gather(shape, ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}), to);
    assertArrayEquals(new byte[] {1, 2, 5, 6, 3, 4, 7, 8}, to.array());
  }

  @Test
  void aTargetOfAnotherSizeIsRefused() {
    NativeShape shape =
        new NativeShape(DataType.INT8, false, false, 2, new long[] {2}, new long[] {1});
    assertThrows(
        IllegalArgumentException.class,
        () -> StridedCopy.gather(shape, ByteBuffer.allocate(2), ByteBuffer.allocate(3)));
  }

  @Test
  void aScalarIsOneElement() {
    NativeShape scalar =
        new NativeShape(DataType.INT8, false, true, 1, new long[] {1}, new long[] {0});
    assertTrue(scalar.hasSizes(new long[0]) && scalar.hasSizes(new long[] {1}));
    assertEquals(1, scalar.elementCount());
    assertEquals("INT8[1]", scalar.toString());
  }
}

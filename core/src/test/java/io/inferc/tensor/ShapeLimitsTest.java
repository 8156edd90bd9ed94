package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ShapeLimitsTest {
  @Test
  void aTensorWithoutElementsMayHaveSizesOfAnyMagnitude() {
    for (long[] shape : new long[][] {{Long.MAX_VALUE, 2, 0}, {0, Long.MAX_VALUE, 2}}) {
      try (Tensor tensor = Tensor.allocate(DataType.FLOAT32, shape)) {
        assertEquals(0, tensor.elementCount());
      }
    }
    assertThrows(
        IllegalArgumentException.class, () -> Tensor.allocate(DataType.FLOAT32, Long.MAX_VALUE, 2));
    assertThrows(IllegalArgumentException.class, () -> Tensor.allocate(DataType.FLOAT32, 0, -1));
  }

  @Test
  void aNumberBeyondTheRangeOfSizesIsRefusedWithTheText() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> TensorShape.parse("batch, 99999999999999999999"));
    assertFalse(e instanceof NumberFormatException, e::toString);
    assertTrue(e.getMessage().contains("batch, 99999999999999999999"), e::getMessage);
  }

  @Test
  void anAxisOutsideTheRankIsRefusedWithTheShape() {
    try (Tensor tensor = Tensor.allocate(DataType.FLOAT32, 2, 3)) {
      assertEquals(3, tensor.size(1));
      for (int axis : new int[] {-1, 2}) {
        IllegalArgumentException e =
            assertThrows(IllegalArgumentException.class, () -> tensor.size(axis));
        assertTrue(e.getMessage().contains("axis " + axis), e::getMessage);
        assertTrue(e.getMessage().contains("[2, 3]"), e::getMessage);
      }
    }
  }

  @Test
  void aClosedTensorOnADeviceDoesNotSayItWasOnTheHost() {
    Storage memory = new TestAllocator(MemoryKind.DEVICE, 64).allocate(16);
    Tensor tensor = Tensor.over(memory, DataType.FLOAT32, 4);
    assertEquals(MemoryKind.DEVICE, tensor.memoryKind());
    tensor.close();
    assertEquals(MemoryKind.DEVICE, tensor.memoryKind());
  }
}

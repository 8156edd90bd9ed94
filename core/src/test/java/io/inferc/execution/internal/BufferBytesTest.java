package io.inferc.execution.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.tensor.DataType;
import org.junit.jupiter.api.Test;

class BufferBytesTest {
  @Test
  void aTensorWithoutElementsTakesNoBytesHoweverLargeItsOtherSizes() {
    assertEquals(0, Buffers.bytes(DataType.FLOAT32, new long[] {Long.MAX_VALUE, 2, 0}));
    assertEquals(24, Buffers.bytes(DataType.FLOAT32, new long[] {2, 3}));
    assertEquals(4, Buffers.bytes(DataType.FLOAT32, new long[0]));
    assertEquals(0, Buffers.bytes(DataType.STRING, new long[] {2, 3}));
  }
}

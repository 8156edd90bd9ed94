package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
  @Test
  void memoryIsAlignedTo64Bytes() {
    try (BufferPool pool = BufferPool.builder().build()) {
      for (int size = 0; size < 300; size += 7) {
        try (Tensor tensor = pool.acquire(DataType.UINT8, size)) {
          assertEquals(0, tensor.storage().hostBytes().alignmentOffset(0, 64), "size " + size);
          assertEquals(ByteOrder.nativeOrder(), tensor.bytes().order());
          assertEquals(size, tensor.bytes().capacity());
        }
      }
    }
  }

  @Test
  void aClosedTensorsMemoryServesTheNextRequestOfItsClass() {
    TestAllocator memory = new TestAllocator(MemoryKind.HOST, Long.MAX_VALUE);
    try (BufferPool pool = BufferPool.builder().allocator(memory).build()) {
      Storage first;
      try (Tensor tensor = pool.acquire(DataType.FLOAT32, 250)) {
        first = tensor.storage().unwrap();
      }
      try (Tensor tensor = pool.acquire(DataType.INT64, 2, 60)) {
        assertSame(first, tensor.storage().unwrap());
      }
      assertEquals(1, memory.allocations.get());
      assertEquals(new PoolStatistics(1, 1, 0, 0, 1024, 1024, 0), pool.statistics());
    }
    assertEquals(0, memory.liveBytes.get());
  }

  @Test
  void openTensorsNeverShareMemory() {
    try (BufferPool pool = BufferPool.builder().build();
        Tensor a = pool.acquire(DataType.INT32, 4);
        Tensor b = pool.acquire(DataType.INT32, 4)) {
      a.ints().put(0, 1);
      b.ints().put(0, 2);
      assertEquals(1, a.ints().get(0));
      assertNotSame(a.storage().unwrap(), b.storage().unwrap());
    }
  }

  @Test
  void aBufferSizedForTheMaximumServesSmallerShapesInTurn() {
    long max = DataType.FLOAT32.byteSize(32 * 128);
    try (BufferPool pool = BufferPool.builder().build()) {
      for (long batch : new long[] {1, 32, 8}) {
        try (Tensor tensor = pool.acquireWithCapacity(DataType.FLOAT32, max, batch, 128)) {
          assertTrue(tensor.hasShape(batch, 128));
          assertEquals(batch * 128, tensor.floats().capacity());
          assertTrue(tensor.storage().byteSize() >= max);
        }
      }
      assertEquals(1, pool.statistics().misses());
      assertEquals(2, pool.statistics().hits());
    }
  }

  @Test
  void aCapacityBelowTheShapeIsRefused() {
    try (BufferPool pool = BufferPool.builder().build()) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> pool.acquireWithCapacity(DataType.FLOAT32, 39, 10));
      assertTrue(e.getMessage().contains("FLOAT32[10] of 40 bytes"), e.getMessage());
      assertTrue(e.getMessage().contains("39 bytes"), e.getMessage());
      assertEquals(0, pool.statistics().misses());
    }
  }

  @Test
  void textAndNegativeSizesAreRefused() {
    try (BufferPool pool = BufferPool.builder().build()) {
      assertThrows(IllegalArgumentException.class, () -> pool.acquire(DataType.STRING, 1));
      assertThrows(IllegalArgumentException.class, () -> pool.acquire(DataType.INT8, -1));
      assertEquals(0, pool.statistics().outstanding());
    }
  }

  @Test
  void statisticsFollowEachStep() {
    try (BufferPool pool = BufferPool.builder().build()) {
      assertEquals(0, pool.statistics().hitRate());
      Tensor a = pool.acquire(DataType.UINT8, 100);
      Tensor b = pool.acquire(DataType.UINT8, 200);
      assertEquals(new PoolStatistics(0, 2, 2, 112 + 224, 0, 112 + 224, 0), pool.statistics());
      a.close();
      assertEquals(new PoolStatistics(0, 2, 1, 224, 112, 112 + 224, 0), pool.statistics());
      Tensor again = pool.acquire(DataType.UINT8, 110);
      assertEquals(new PoolStatistics(1, 2, 2, 112 + 224, 0, 112 + 224, 0), pool.statistics());
      again.close();
      b.close();
      assertEquals(new PoolStatistics(1, 2, 0, 0, 112 + 224, 112 + 224, 0), pool.statistics());
      assertEquals(1 / 3.0, pool.statistics().hitRate(), 1e-12);
    }
  }

  @Test
  void theBoundRefusesWithAskedUsedAndLimit() {
    try (BufferPool pool = BufferPool.builder().maxBytes(1000).build();
        Tensor held = pool.acquire(DataType.UINT8, 640)) {
      InfercException e =
          assertThrows(InfercException.class, () -> pool.acquire(DataType.UINT8, 500));
      assertEquals(Stage.RUN, e.stage());
      assertTrue(e.problem().contains("500 bytes (512 in its size class)"), e.problem());
      assertTrue(e.problem().contains("640 bytes of the pool's limit of 1000"), e.problem());
      assertTrue(e.remedy().contains("maxBytes"), e.remedy());
      assertFalse(held.isClosed());
      assertEquals(640, pool.statistics().bytesInUse());
      pool.acquire(DataType.UINT8, 320).close();
    }
  }

  @Test
  void idleMemoryOfOtherClassesMakesRoom() {
    TestAllocator memory = new TestAllocator(MemoryKind.HOST, Long.MAX_VALUE);
    try (BufferPool pool = BufferPool.builder().allocator(memory).maxBytes(1024).build()) {
      Tensor small = pool.acquire(DataType.UINT8, 256);
      Tensor large = pool.acquire(DataType.UINT8, 512);
      small.close();
      large.close();
      try (Tensor other = pool.acquire(DataType.UINT8, 640)) {
        assertEquals(640, other.elementCount());
        assertEquals(256, pool.statistics().bytesIdle(), "the largest goes first");
        assertEquals(1, memory.releases.get());
        assertEquals(640 + 256, memory.liveBytes.get());
      }
    }
    assertEquals(0, memory.liveBytes.get());
  }

  @Test
  void aHopelessRequestLeavesIdleMemoryAlone() {
    try (BufferPool pool = BufferPool.builder().maxBytes(1024).build()) {
      pool.acquire(DataType.UINT8, 512).close();
      assertThrows(InfercException.class, () -> pool.acquire(DataType.UINT8, 2000));
      assertEquals(512, pool.statistics().bytesIdle());
    }
  }

  @Test
  void anAllocatorThatRunsShortGetsIdleMemoryBackAndASecondTry() {
    TestAllocator memory = new TestAllocator(MemoryKind.PINNED, 1000);
    try (BufferPool pool = BufferPool.builder().allocator(memory).build()) {
      pool.acquire(DataType.UINT8, 512).close();
      try (Tensor tensor = pool.acquire(DataType.UINT8, 896)) {
        assertEquals(MemoryKind.PINNED, tensor.memoryKind());
        assertThrows(InfercException.class, () -> pool.acquire(DataType.UINT8, 512));
        assertEquals(new PoolStatistics(0, 2, 1, 896, 0, 896, 0), pool.statistics());
      }
    }
    assertEquals(0, memory.liveBytes.get());
  }

  @Test
  void requestsBeyondTheLargestClassAreNotKept() {
    TestAllocator memory = new TestAllocator(MemoryKind.DEVICE, Long.MAX_VALUE);
    PoolState state = new PoolState(memory, Long.MAX_VALUE, false);
    state.acquire(DataType.UINT8, SizeClasses.LARGEST + 1, new long[] {1}).close();
    assertEquals(0, state.statistics().bytesIdle());
    assertEquals(0, memory.liveBytes.get());
    state.close();
  }

  @Test
  void aBackEndFindsItsOwnMemoryBehindThePools() {
    TestAllocator memory = new TestAllocator(MemoryKind.DEVICE, Long.MAX_VALUE);
    try (BufferPool pool = BufferPool.builder().allocator(memory).build();
        Tensor tensor = pool.acquire(DataType.FLOAT32, 4)) {
      assertInstanceOf(TestAllocator.TestStorage.class, tensor.storage().unwrap());
      assertThrows(InfercException.class, tensor::bytes);
    }
  }

  @Test
  void closingATensorTwiceGivesItsMemoryBackOnce() {
    try (BufferPool pool = BufferPool.builder().build()) {
      Tensor tensor = pool.acquire(DataType.UINT8, 64);
      Storage storage = tensor.storage();
      tensor.close();
      tensor.close();
      storage.release();
      assertEquals(64, pool.statistics().bytesIdle());
      try (Tensor a = pool.acquire(DataType.UINT8, 64);
          Tensor b = pool.acquire(DataType.UINT8, 64)) {
        assertNotSame(a.storage().unwrap(), b.storage().unwrap());
      }
    }
  }

  @Test
  void useAfterReleaseIsRefusedByTheTensorAndByItsStorage() {
    try (BufferPool pool = BufferPool.builder().build()) {
      Tensor tensor = pool.acquire(DataType.FLOAT32, 3);
      Storage storage = tensor.storage();
      tensor.close();
      assertThrows(ResourceClosedException.class, tensor::floats);
      assertThrows(ResourceClosedException.class, tensor::storage);
      ResourceClosedException e = assertThrows(ResourceClosedException.class, storage::hostBytes);
      assertTrue(e.getMessage().contains("FLOAT32[3]"), e.getMessage());
      assertThrows(ResourceClosedException.class, storage::unwrap);
    }
  }

  @Test
  void closingThePoolFreesIdleMemoryAndLaterWhatComesBack() {
    TestAllocator memory = new TestAllocator(MemoryKind.PINNED, Long.MAX_VALUE);
    BufferPool pool = BufferPool.builder().allocator(memory).build();
    Tensor open = pool.acquire(DataType.UINT8, 128);
    pool.acquire(DataType.UINT8, 512).close();
    pool.close();
    pool.close();
    assertEquals(128, memory.liveBytes.get());
    open.bytes().put(0, (byte) 1);
    open.close();
    assertEquals(0, memory.liveBytes.get());
    assertEquals(0, pool.statistics().outstanding());
    assertThrows(ResourceClosedException.class, () -> pool.acquire(DataType.UINT8, 1));
  }

  @Test
  void aBoundOfNothingIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> BufferPool.builder().maxBytes(0));
  }
}

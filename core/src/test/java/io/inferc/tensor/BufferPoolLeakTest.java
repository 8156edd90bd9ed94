package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Debug mode, and tensors that nobody closed. */
class BufferPoolLeakTest {
  @Test
  void aStaleViewReadsPoisonAndNeverTheNextTensorsData() {
    try (BufferPool pool = BufferPool.builder().debug(true).build()) {
      Tensor first = pool.acquire(DataType.UINT8, 100);
      ByteBuffer stale = first.bytes();
      stale.put(0, (byte) 7);
      first.close();
      try (Tensor second = pool.acquire(DataType.UINT8, 100)) {
        second.bytes().put(0, (byte) 42);
        for (int i = 0; i < stale.capacity(); i++) {
          assertEquals(BufferPool.POISON, stale.get(i), "byte " + i);
        }
      }
      assertEquals(0, pool.statistics().hits());
      assertEquals(0, pool.statistics().bytesIdle());
    }
  }

  @Test
  void memoryOfSeveralChunksIsPoisonedToItsEnd() {
    try (BufferPool pool = BufferPool.builder().debug(true).build()) {
      Tensor tensor = pool.acquire(DataType.UINT8, 20_001);
      ByteBuffer stale = tensor.bytes();
      tensor.close();
      for (int i = 0; i < 20_001; i++) {
        assertEquals(BufferPool.POISON, stale.get(i), "byte " + i);
      }
    }
  }

  @Test
  void withoutDebugModeNothingIsPoisoned() {
    try (BufferPool pool = BufferPool.builder().build()) {
      Tensor tensor = pool.acquire(DataType.UINT8, 64);
      ByteBuffer view = tensor.bytes();
      view.put(5, (byte) 9);
      tensor.close();
      assertEquals(9, view.get(5));
    }
  }

  @Test
  void pinnedMemoryStaysUntilTheBoundNeedsIt() {
    TestAllocator memory = new TestAllocator(MemoryKind.PINNED, Long.MAX_VALUE);
    try (BufferPool pool =
        BufferPool.builder().allocator(memory).debug(true).maxBytes(1024).build()) {
      Tensor first = pool.acquire(DataType.UINT8, 512);
      Storage firstMemory = first.storage().unwrap();
      first.close();
      assertEquals(0, memory.releases.get(), "a raw view may still look at it");
      assertEquals(512, pool.statistics().bytesIdle());
      try (Tensor second = pool.acquire(DataType.UINT8, 512)) {
        assertNotSame(firstMemory, second.storage().unwrap());
        assertEquals(0, memory.releases.get());
      }
      try (Tensor third = pool.acquire(DataType.UINT8, 512)) {
        assertFalse(third.isClosed());
        assertEquals(1, memory.releases.get());
      }
    }
    assertEquals(0, memory.liveBytes.get());
  }

  @Test
  void deviceMemoryIsReleasedAtOnceInDebugModeForNoViewCanSeeIt() {
    TestAllocator memory = new TestAllocator(MemoryKind.DEVICE, Long.MAX_VALUE);
    try (BufferPool pool = BufferPool.builder().allocator(memory).debug(true).build()) {
      pool.acquire(DataType.UINT8, 512).close();
      assertEquals(1, memory.releases.get());
    }
  }

  @Test
  void theLeakReportNamesTheAllocationSite() {
    try (BufferPool pool = BufferPool.builder().debug(true).build()) {
      Tensor first = acquireHere(pool);
      Tensor second = pool.acquire(DataType.INT8, 5);
      List<String> leaks = pool.leaks();
      assertEquals(2, leaks.size());
      assertTrue(leaks.get(0).startsWith("FLOAT32[2, 3] of 64 bytes"), leaks.get(0));
      assertTrue(leaks.get(0).contains("BufferPoolLeakTest.acquireHere"), leaks.get(0));
      assertTrue(leaks.get(1).startsWith("INT8[5]"), leaks.get(1));
      first.close();
      assertEquals(1, pool.leaks().size());
      second.close();
      assertEquals(List.of(), pool.leaks());
    }
  }

  private static Tensor acquireHere(BufferPool pool) {
    return pool.acquire(DataType.FLOAT32, 2, 3);
  }

  @Test
  void withoutDebugModeTheLeakReportSaysHowToGetTheSite() {
    try (BufferPool pool = BufferPool.builder().build();
        Tensor open = pool.acquire(DataType.INT8, 5)) {
      assertEquals(1, pool.leaks().size());
      assertTrue(pool.leaks().get(0).contains("debug mode"), pool.leaks().get(0));
      assertFalse(open.isClosed());
    }
  }

  @Test
  void anUnreachableTensorIsCountedAndTakenOutOfTheBound() {
    try (BufferPool pool = BufferPool.builder().maxBytes(1024).build()) {
      String log = logOf(() -> forget(pool, 1), () -> pool.statistics().leaked() == 1);
      assertTrue(log.contains("UINT8[1000]") && log.contains("never closed"), log);
      assertEquals(new PoolStatistics(0, 1, 0, 0, 0, 1024, 1), pool.statistics());
      pool.acquire(DataType.UINT8, 1000).close();
      assertEquals(2, pool.statistics().misses(), "leaked memory is not used again");
    }
  }

  @Test
  void leaksOfOneSiteAreLoggedOnceWithTheSite() {
    try (BufferPool pool = BufferPool.builder().debug(true).build()) {
      String log = logOf(() -> forget(pool, 5), () -> pool.statistics().leaked() == 5);
      assertEquals(2, log.split("never closed", -1).length, log);
      assertTrue(log.contains("BufferPoolLeakTest.forget"), log);
    }
  }

  @Test
  void leakedPinnedMemoryIsSetAsideAndFreedWithThePool() {
    TestAllocator memory = new TestAllocator(MemoryKind.PINNED, Long.MAX_VALUE);
    try (BufferPool pool = BufferPool.builder().allocator(memory).build()) {
      logOf(() -> forget(pool, 1), () -> pool.statistics().leaked() == 1);
      assertEquals(1024, pool.statistics().bytesIdle());
      assertEquals(1024, memory.liveBytes.get());
    }
    assertEquals(0, memory.liveBytes.get());
  }

  @Test
  void leakedDeviceMemoryIsReleased() {
    TestAllocator memory = new TestAllocator(MemoryKind.DEVICE, Long.MAX_VALUE);
    try (BufferPool pool = BufferPool.builder().allocator(memory).build()) {
      logOf(() -> forget(pool, 1), () -> memory.releases.get() == 1);
      assertEquals(0, pool.statistics().bytesInUse());
    }
  }

  @Test
  void aClosedTensorThatBecomesUnreachableIsNoLeak() {
    try (BufferPool pool = BufferPool.builder().build()) {
      logOf(
          () -> {
            pool.acquire(DataType.UINT8, 1).close();
            forget(pool, 1);
          },
          () -> pool.statistics().leaked() > 0);
      assertEquals(1, pool.statistics().leaked());
      assertEquals(64, pool.statistics().bytesIdle());
    }
  }

  @Test
  void aPoolThatNobodyClosesFreesItsIdleMemory() {
    TestAllocator memory = new TestAllocator(MemoryKind.PINNED, Long.MAX_VALUE);
    String log = logOf(() -> forgetPool(memory), () -> memory.liveBytes.get() == 0);
    assertTrue(log.contains("pool was never closed"), log);
  }

  private static void forget(BufferPool pool, int tensors) {
    for (int i = 0; i < tensors; i++) {
      assertFalse(pool.acquire(DataType.UINT8, 1000).isClosed());
    }
  }

  private static void forgetPool(TestAllocator memory) {
    BufferPool pool = BufferPool.builder().allocator(memory).build();
    pool.acquire(DataType.UINT8, 512).close();
    assertEquals(512, memory.liveBytes.get());
  }

  /** Runs something, collects garbage until it shows, and returns what was logged meanwhile. */
  private static String logOf(Runnable action, BooleanSupplier seen) {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      action.run();
      long end = System.nanoTime() + 30_000_000_000L;
      while (!(seen.getAsBoolean() && log.size() > 0) && System.nanoTime() < end) {
        System.gc();
        Thread.sleep(10);
      }
      // The line may be half written when its first bytes arrive.
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      System.setErr(before);
    }
    assertTrue(seen.getAsBoolean(), "the garbage collector found nothing in 30 s");
    return log.toString(StandardCharsets.UTF_8);
  }
}

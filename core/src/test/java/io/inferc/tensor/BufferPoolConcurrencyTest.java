package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BufferPoolConcurrencyTest {
  private static final int THREADS = 8;
  private static final int ROUNDS = 3_000;

  @Test
  void eightThreadsNeverShareMemoryAndTheBooksBalance() throws Exception {
    TestAllocator memory = new TestAllocator(MemoryKind.PINNED, 1 << 16);
    BufferPool pool = BufferPool.builder().allocator(memory).maxBytes(1 << 16).build();
    AtomicInteger served = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    inParallel(
        id -> {
          Random random = new Random(id);
          List<Tensor> open = new ArrayList<>();
          for (int round = 0; round < ROUNDS; round++) {
            try {
              Tensor tensor = pool.acquire(DataType.INT32, 1 + random.nextInt(2000));
              tensor.ints().put(0, id);
              tensor.ints().put((int) tensor.elementCount() - 1, id);
              open.add(tensor);
              served.incrementAndGet();
            } catch (InfercException e) {
              assertTrue(e.getMessage().contains("limit of 65536"), e.getMessage());
              refused.incrementAndGet();
            }
            while (open.size() > random.nextInt(4)) {
              Tensor tensor = open.remove(random.nextInt(open.size()));
              assertEquals(id, tensor.ints().get(0));
              assertEquals(id, tensor.ints().get((int) tensor.elementCount() - 1));
              tensor.close();
            }
          }
          open.forEach(Tensor::close);
          return null;
        });
    PoolStatistics end = pool.statistics();
    assertEquals(THREADS * ROUNDS, served.get() + refused.get());
    assertEquals(served.get(), end.hits() + end.misses());
    assertEquals(0, end.outstanding());
    assertEquals(0, end.bytesInUse());
    assertEquals(0, end.leaked());
    assertEquals(memory.liveBytes.get(), end.bytesIdle());
    assertTrue(end.highWaterBytes() <= 1 << 16);
    assertEquals(memory.allocations.get(), end.misses());
    pool.close();
    assertEquals(0, memory.liveBytes.get());
  }

  @Test
  void closingThePoolUnderLoadLosesNothing() throws Exception {
    TestAllocator memory = new TestAllocator(MemoryKind.PINNED, Long.MAX_VALUE);
    BufferPool pool = BufferPool.builder().allocator(memory).build();
    CountDownLatch underWay = new CountDownLatch(THREADS - 1);
    inParallel(
        id -> {
          if (id == 0) {
            underWay.await();
            pool.close();
            return null;
          }
          try {
            for (int round = 0; ; round++) {
              pool.acquire(DataType.UINT8, 1 + round % 500).close();
              if (round == 10) {
                underWay.countDown();
              }
            }
          } catch (ResourceClosedException e) {
            return null;
          }
        });
    assertEquals(0, memory.liveBytes.get());
    assertEquals(0, pool.statistics().bytesIdle());
    assertEquals(0, pool.statistics().bytesInUse());
  }

  @Test
  void oneTensorClosedByManyThreadsComesBackOnce() throws Exception {
    TestAllocator memory = new TestAllocator(MemoryKind.PINNED, Long.MAX_VALUE);
    try (BufferPool pool = BufferPool.builder().allocator(memory).build()) {
      for (int round = 0; round < 50; round++) {
        Tensor tensor = pool.acquire(DataType.UINT8, 64);
        inParallel(
            id -> {
              tensor.close();
              return null;
            });
        assertEquals(64, pool.statistics().bytesIdle());
        assertEquals(0, pool.statistics().bytesInUse());
      }
      assertEquals(1, memory.allocations.get());
    }
  }

  private interface Work {
    Void run(int id) throws Exception;
  }

  private static void inParallel(Work work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<Void>> calls = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int id = i;
        calls.add(() -> work.run(id));
      }
      for (Future<Void> call : threads.invokeAll(calls, 120, TimeUnit.SECONDS)) {
        call.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}

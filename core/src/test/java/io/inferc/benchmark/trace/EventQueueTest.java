package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EventQueueTest {
  private static final ShapeSet SHAPES = new ShapeSet(new long[][] {{1}}, 0);

  /** Longer than any machine stands still. */
  private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);

  @Test
  void aFullRingRefusesAndTakesAgainWhatWasMadeRoomFor() {
    EventQueue queue = new EventQueue(4);
    List<Long> taken = new ArrayList<>();
    EventQueue.Taker taker =
        (start, duration, shapes, failed, payload) -> {
          assertEquals(start % 2 == 0, failed);
          assertEquals(-start, duration);
          taken.add(start);
        };
    long next = 0;
    for (int round = 0; round < 10; round++) {
      while (queue.offer(next, -next, SHAPES, next % 2 == 0, null)) {
        next++;
      }
      assertEquals(1 + round % 3, queue.drain(1 + round % 3, taker));
    }
    queue.drain(100, taker);
    for (int i = 0; i < next; i++) {
      assertEquals(i, taken.get(i));
    }
    assertEquals(next, taken.size());
    assertEquals(0, queue.drain(100, taker));
  }

  @Test
  void nothingIsLostOrDoubledBetweenSeveralThreads() throws Exception {
    int threads = 4;
    int count = 50_000;
    EventQueue queue = new EventQueue(64);
    AtomicInteger running = new AtomicInteger(threads);
    AtomicBoolean over = new AtomicBoolean();
    for (int t = 0; t < threads; t++) {
      long base = (long) t * count;
      start(
          () -> {
            for (int i = 0; i < count; i++) {
              while (!queue.offer(base + i, base, SHAPES, false, null) && !over.get()) {
                Thread.yield();
              }
            }
            running.decrementAndGet();
          });
    }
    long[] next = new long[threads];
    long[] found = new long[1];
    EventQueue.Taker taker =
        (start, base, shapes, failed, payload) -> {
          int thread = (int) (base / count);
          assertEquals(next[thread]++, start - base, "each thread's come in their order");
          found[0]++;
        };
    long end = System.nanoTime() + LIMIT_NANOS;
    try {
      boolean last;
      int taken;
      do {
        last = running.get() == 0;
        taken = queue.drain(1000, taker);
        assertTrue(System.nanoTime() < end, found[0] + " came, and no more");
      } while (!last || taken > 0);
    } finally {
      over.set(true);
    }
    assertEquals((long) threads * count, found[0]);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    thread.start();
  }

  @Test
  void whatFoundAPlaceBeforeTheRingWasClosedIsTaken() throws Exception {
    int threads = 2;
    for (int round = 0; round < 100; round++) {
      EventQueue queue = new EventQueue(8);
      AtomicBoolean closed = new AtomicBoolean();
      AtomicLong accepted = new AtomicLong();
      CountDownLatch ended = new CountDownLatch(threads);
      for (int t = 0; t < threads; t++) {
        start(
            () -> {
              while (!closed.get()) {
                if (queue.offer(0, 0, SHAPES, false, null)) {
                  accepted.incrementAndGet();
                } else {
                  Thread.yield();
                }
              }
              ended.countDown();
            });
      }
      long end = System.nanoTime() + LIMIT_NANOS;
      long taken = 0;
      while (taken < 20 + round && System.nanoTime() < end) {
        taken += queue.drain(8, (start, duration, shapes, failed, payload) -> {});
      }
      queue.close();
      assertFalse(queue.offer(0, 0, SHAPES, false, null));
      while (!queue.isDrained() && System.nanoTime() < end) {
        taken += queue.drain(8, (start, duration, shapes, failed, payload) -> {});
      }
      closed.set(true);
      assertTrue(ended.await(1, TimeUnit.MINUTES));
      assertEquals(accepted.get(), taken);
      assertEquals(0, queue.leave());
    }
  }

  @Test
  void whatIsLeftIsCountedOnce() {
    EventQueue queue = new EventQueue(8);
    for (int i = 0; i < 5; i++) {
      assertTrue(queue.offer(i, 0, SHAPES, false, null));
    }
    assertEquals(2, queue.drain(2, (start, duration, shapes, failed, payload) -> {}));
    queue.close();
    assertFalse(queue.isDrained());
    assertEquals(3, queue.leave());
    assertTrue(queue.isDrained());
    assertEquals(0, queue.leave());
    assertEquals(0, queue.drain(8, (start, duration, shapes, failed, payload) -> {}));
  }

  @Test
  void aCombinationOfShapesIsOneObject() {
    ShapeTable table = new ShapeTable();
    try (Tensor a = Tensor.allocate(DataType.INT8, 2, 3);
        Tensor b = Tensor.allocate(DataType.INT8, 6);
        Tensor again = Tensor.allocate(DataType.INT64, 2, 3)) {
      ShapeSet first = table.of(new Tensor[] {a, b});
      assertSame(first, table.of(new Tensor[] {again, b}));
      assertFalse(first == table.of(new Tensor[] {b, a}));
      // More combinations than the table keeps, by empty tensors that take no memory.
      for (int i = 0; i <= ShapeTable.MOST; i++) {
        try (Tensor empty = Tensor.allocate(DataType.INT8, 0, i)) {
          ShapeSet shapes = table.of(new Tensor[] {empty, b});
          assertTrue(shapes.isOf(new Tensor[] {empty, b}));
          assertSame(shapes, table.of(new Tensor[] {empty, b}));
        }
      }
      assertEquals(2, table.of(new Tensor[] {a, b}).sizes[0][0]);
    }
  }
}

package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EventQueueTest {
  private static final ShapeSet SHAPES = new ShapeSet(new long[][] {{1}}, 0);

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
    for (int t = 0; t < threads; t++) {
      long base = (long) t * count;
      new Thread(
              () -> {
                for (int i = 0; i < count; i++) {
                  while (!queue.offer(base + i, base, SHAPES, false, null)) {
                    Thread.yield();
                  }
                }
                running.decrementAndGet();
              })
          .start();
    }
    long[] next = new long[threads];
    long[] found = new long[1];
    boolean last;
    do {
      last = running.get() == 0;
      queue.drain(
          1000,
          (start, base, shapes, failed, payload) -> {
            int thread = (int) (base / count);
            assertEquals(next[thread]++, start - base, "each thread's come in their order");
            found[0]++;
          });
    } while (!last || found[0] < (long) threads * count);
    assertEquals((long) threads * count, found[0]);
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

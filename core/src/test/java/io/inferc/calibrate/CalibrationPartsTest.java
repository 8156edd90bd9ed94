package io.inferc.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class CalibrationPartsTest {
  private static final long HISTOGRAM = Histogram.BINS * 16L;

  @Test
  void groupsFillTheBudgetInOrderAndALargeTensorIsAlone() {
    Map<String, Long> sizes = Map.of("a", 100L, "b", 200L, "c", 5_000_000L, "d", 1L);
    assertEquals(
        List.of(List.of("a", "b"), List.of("c"), List.of("d")),
        MemoryGroups.fill(List.of("a", "b", "c", "d"), sizes, 2 * HISTOGRAM + 300));
    assertEquals(
        List.of(List.of("a", "b", "c", "d")),
        MemoryGroups.fill(List.of("a", "b", "c", "d"), sizes, Long.MAX_VALUE));
  }

  @Test
  void nearMatchesAreTheClosestNames() {
    List<String> names = List.of("/encoder/layer.0/output", "/encoder/layer.1/output", "logits");
    assertEquals("logits", NearMatches.of("logit", names).get(0));
    assertEquals("/encoder/layer.1/output", NearMatches.of("/Encoder/layer1/output", names).get(0));
    assertEquals("/encoder/layer.0/output", NearMatches.of("layer.0", names).get(0));
  }

  @Test
  void workersDoEachItemOnce() {
    AtomicIntegerArray done = new AtomicIntegerArray(1000);
    try (Workers workers = new Workers(1000)) {
      workers.each(1000, (i, scratch) -> done.incrementAndGet(i));
      workers.each(500, (i, scratch) -> done.incrementAndGet(i));
    }
    for (int i = 0; i < 1000; i++) {
      assertEquals(i < 500 ? 2 : 1, done.get(i), "item " + i);
    }
  }

  @Test
  void whatAWorkerThrowsReachesTheCaller() {
    try (Workers workers = new Workers(100)) {
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () ->
                  workers.each(
                      100,
                      (i, scratch) -> {
                        if (i == 70) {
                          throw new IllegalStateException("item 70");
                        }
                      }));
      assertTrue(e.getMessage().contains("item 70"));
    }
  }
}

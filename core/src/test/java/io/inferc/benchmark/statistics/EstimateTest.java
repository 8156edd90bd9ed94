package io.inferc.benchmark.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class EstimateTest {
  @Test
  void theInverseChangesTheBoundsOver() {
    Estimate seconds = new Estimate(4, 2, 5, 0.9).under(1);
    assertEquals(new Estimate(0.25, 0.2, 0.5, 0.9), seconds);
  }

  @Test
  void whatNothingBoundsStaysUnbounded() {
    assertEquals(0, new Estimate(4, 2, Double.POSITIVE_INFINITY, 0.9).under(1).low());
    assertEquals(Double.POSITIVE_INFINITY, new Estimate(4, 0, 5, 0.9).under(1).high());
  }

  @Test
  void boundsThatLeaveTheValueOutAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Estimate(4, 5, 6, 0.9));
    assertThrows(IllegalArgumentException.class, () -> new Estimate(4, 2, 3, 0.9));
    assertThrows(IllegalArgumentException.class, () -> new Estimate(0, 0, 3, 0.9));
    assertThrows(IllegalArgumentException.class, () -> new Estimate(4, Double.NaN, 5, 0.9));
    assertThrows(IllegalArgumentException.class, () -> new Estimate(4, 2, 5, 95));
    assertThrows(IllegalArgumentException.class, () -> new Estimate(4, 2, 5, 0.9).times(-1));
  }
}

package io.inferc.benchmark.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LittlesLawTest {
  private static final int REQUESTS = 2000;

  /** A queue before one server: arrivals at 8 a second, service of 0.1 s on average. */
  private final double[] arrivals = new double[REQUESTS];

  private final double[] departures = new double[REQUESTS];

  LittlesLawTest() {
    Random random = new Random(17);
    double free = 0;
    double now = 0;
    for (int i = 0; i < REQUESTS; i++) {
      now -= Math.log(1 - random.nextDouble()) / 8;
      free = Math.max(free, now) - Math.log(1 - random.nextDouble()) * 0.1;
      arrivals[i] = now;
      departures[i] = free;
    }
  }

  private long inSystem(double at) {
    long number = 0;
    for (int i = 0; i < REQUESTS; i++) {
      number += arrivals[i] < at && at < departures[i] ? 1 : 0;
    }
    return number;
  }

  /** Checks a window, each time in the system being recorded so many times too long. */
  private LittlesLaw check(double from, double to, double recorded) {
    double area = 0;
    double times = 0;
    int arrived = 0;
    double longest = 0;
    for (int i = 0; i < REQUESTS; i++) {
      double time = departures[i] - arrivals[i];
      area += Math.max(0, Math.min(to, departures[i]) - Math.max(from, arrivals[i]));
      longest = Math.max(longest, time);
      if (arrivals[i] >= from && arrivals[i] < to) {
        times += time * recorded;
        arrived++;
      }
    }
    return LittlesLaw.check(
        arrived,
        times / arrived,
        area / (to - from),
        new LittlesLaw.Window(to - from, inSystem(from), inSystem(to), longest, 0));
  }

  @Test
  void aQueueFromEmptyToEmptyHoldsWithNoToleranceButRounding() {
    LittlesLaw law = check(0, departures[REQUESTS - 1] + 1, 1);
    assertTrue(law.holds(), law.explanation());
    assertEquals(law.expectedInSystem(), law.meanInSystem(), 1e-9);
    assertEquals(0.001 * law.meanInSystem(), law.tolerance(), 1e-9);
  }

  @Test
  void anyWindowHoldsWithinWhatItsEdgesAllow() {
    for (int start = 0; start < 150; start += 5) {
      for (int length : new int[] {2, 20, 80}) {
        LittlesLaw law = check(start, start + length, 1);
        assertTrue(law.holds(), law.explanation());
      }
    }
  }

  @Test
  void timesThatLeaveOutTheWaitAreFound() {
    LittlesLaw law = check(0, arrivals[REQUESTS - 1], 0.9);
    assertFalse(law.holds());
    assertTrue(law.explanation().contains("too short"), law.explanation());
  }

  @Test
  void aNumberInTheSystemThatMissesRequestsIsFound() {
    LittlesLaw law = check(0, arrivals[REQUESTS - 1], 1.1);
    assertFalse(law.holds());
    assertTrue(law.explanation().contains("too long"), law.explanation());
  }

  @Test
  void theToleranceIsWhatTheEdgesMaySpendOutside() {
    LittlesLaw law = LittlesLaw.check(100, 1, 10, new LittlesLaw.Window(10, 2, 3, 4, 0.05));
    // (2 + 3) * 4 / 10 + 4 * 0.05 + 0.001 * 10
    assertEquals(2.21, law.tolerance(), 1e-12);
    assertEquals(10, law.expectedInSystem());
    assertTrue(law.holds());
  }

  @Test
  void whatIsNegativeIsRefused() {
    LittlesLaw.Window window = new LittlesLaw.Window(1, 0, 0, 1, 0);
    assertThrows(IllegalArgumentException.class, () -> LittlesLaw.check(1, -1, 1, window));
    assertThrows(IllegalArgumentException.class, () -> new LittlesLaw.Window(0, 0, 0, 1, 0));
  }
}

package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadSchedulesTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final List<Load.Open> LOADS =
      List.of(
          Load.constant(70),
          Load.poisson(70),
          Load.bursts(400, Duration.ofSeconds(2), 50, Duration.ofSeconds(8)),
          Load.ramp(10, 100),
          Load.daily(70, 3, Duration.ofSeconds(20)),
          Load.replay(new long[] {0, 5, 5, 1_000_000}, 0.5));

  private static long between(long[] schedule, double from, double to) {
    return Arrays.stream(schedule).filter(t -> t >= from * 1e9 && t < to * 1e9).count();
  }

  /** Six standard deviations of a Poisson count. */
  private static double spread(double expected) {
    return 6 * Math.sqrt(expected);
  }

  @Test
  void everyScheduleIsInOrderWithinTheRunAndTheSameForASeed() {
    for (Load.Open load : LOADS) {
      long[] schedule = load.schedule(MINUTE, 5);
      assertTrue(schedule.length > 0, load::toString);
      long before = 0;
      for (long time : schedule) {
        assertTrue(time >= before && time < MINUTE.toNanos(), load::toString);
        before = time;
      }
      assertArrayEquals(schedule, load.schedule(MINUTE, 5), load::toString);
    }
  }

  @Test
  void anotherSeedGivesAnotherScheduleOfTheSameRate() {
    for (Load.Open load : LOADS) {
      boolean random =
          load instanceof Load.Poisson || load instanceof Load.Bursts || load instanceof Load.Daily;
      long[] one = load.schedule(MINUTE, 1);
      long[] two = load.schedule(MINUTE, 2);
      assertEquals(!random, Arrays.equals(one, two), load::toString);
      double expected = load.expected(MINUTE);
      assertEquals(expected, one.length, random ? spread(expected) : 1, load::toString);
      assertEquals(expected, two.length, random ? spread(expected) : 1, load::toString);
    }
  }

  @Test
  void aScaledLoadHasAsManyTimesTheRequests() {
    for (Load.Open load : LOADS) {
      if (!(load instanceof Load.Replay)) {
        assertEquals(
            2.5 * load.expected(MINUTE), load.scaled(2.5).expected(MINUTE), 1e-6, load::toString);
      }
    }
    assertEquals(Load.replay(new long[] {0, 10}, 3), Load.replay(new long[] {0, 10}, 1).scaled(3));
  }

  @Test
  void aConstantRateDoesNotDrift() {
    long[] schedule = Load.constant(3).schedule(Duration.ofHours(1), 1);
    assertEquals(10_800, schedule.length);
    assertEquals(0, schedule[0]);
    assertEquals(333_333_333, schedule[1]);
    assertEquals(3_599_666_666_666L, schedule[10_799]);
    assertEquals(50_000, Load.constant(50_000).schedule(Duration.ofSeconds(1), 1).length);
  }

  @Test
  void gapsOfAPoissonProcessHaveTheMeanAndTheVarianceOfTheExponentialDistribution() {
    long[] schedule = Load.poisson(1000).schedule(Duration.ofSeconds(200), 11);
    double[] gaps = new double[schedule.length - 1];
    Arrays.setAll(gaps, i -> (schedule[i + 1] - schedule[i]) / 1e6);
    double mean = Arrays.stream(gaps).average().orElseThrow();
    double variance = Arrays.stream(gaps).map(g -> (g - mean) * (g - mean)).average().orElseThrow();
    // The standard deviations are 1 and sqrt(8), each over the root of the number.
    double root = Math.sqrt(gaps.length);
    assertEquals(1, mean, 6 / root);
    assertEquals(1, variance, 6 * Math.sqrt(8) / root);
    long longerThanTwo = Arrays.stream(gaps).filter(g -> g > 2).count();
    assertEquals(Math.exp(-2) * gaps.length, longerThanTwo, spread(Math.exp(-2) * gaps.length));
  }

  @Test
  void countsOfAPoissonProcessVaryAsMuchAsTheyAre() {
    long[] schedule = Load.poisson(100).schedule(Duration.ofSeconds(2000), 12);
    double[] counts = new double[2000];
    for (long time : schedule) {
      counts[(int) (time / 1_000_000_000L)]++;
    }
    double mean = Arrays.stream(counts).average().orElseThrow();
    double variance =
        Arrays.stream(counts).map(c -> (c - mean) * (c - mean)).average().orElseThrow();
    assertEquals(100, mean, 6 * Math.sqrt(100.0 / 2000));
    assertEquals(1, variance / mean, 6 * Math.sqrt(2.0 / 2000));
  }

  @Test
  void burstsComeFirstAndInTurnsWithPauses() {
    Load.Open load = Load.bursts(1000, Duration.ofSeconds(2), 10, Duration.ofSeconds(8));
    long[] schedule = load.schedule(Duration.ofSeconds(25), 3);
    for (int cycle = 0; cycle < 3; cycle++) {
      double start = 10 * cycle;
      assertEquals(2000, between(schedule, start, start + 2), spread(2000));
    }
    assertEquals(80, between(schedule, 2, 10), spread(80));
    assertEquals(80, between(schedule, 12, 20), spread(80));
    assertEquals(3 * 2000 + 2 * 80 + 30, load.expected(Duration.ofSeconds(25)), 1e-6);
    Load.Open silent = Load.bursts(1000, Duration.ofSeconds(1), 0, Duration.ofSeconds(1));
    assertEquals(0, between(silent.schedule(MINUTE, 1), 1, 2));
  }

  @Test
  void theKthRequestOfARampComesWhenTheIntegralOfTheRateIsK() {
    for (double[] ends : new double[][] {{10, 500}, {500, 10}, {0, 100}, {100, 0}, {70, 70}}) {
      Load.Open load = Load.ramp(ends[0], ends[1]);
      long[] schedule = load.schedule(MINUTE, 1);
      assertEquals(load.expected(MINUTE), schedule.length, 1);
      for (int k = 0; k < schedule.length; k++) {
        double t = schedule[k] / 1e9;
        double integral = ends[0] * t + (ends[1] - ends[0]) * t * t / 120;
        // Times are cut to nanoseconds, of which the rate makes so much of a request.
        assertEquals(k, integral, 1e-6, load::toString);
      }
    }
  }

  @Test
  void aDayIsQuietAtNightAndHasItsPeakAtNoon() {
    Load.Open load = Load.daily(200, 3, Duration.ofSeconds(100));
    double all = load.expected(Duration.ofSeconds(100));
    assertEquals(20_000, all, 1e-3);
    long[] schedule = load.schedule(Duration.ofSeconds(100), 4);
    assertEquals(20_000, schedule.length, spread(20_000));
    // Within two of a hundred parts of the day the curve is as good as flat.
    assertEquals(1200, between(schedule, 49, 51), spread(1200) + 12);
    assertTrue(between(schedule, 0, 2) < 120);
    assertEquals(
        between(schedule, 0, 50), between(schedule, 50, 100), spread(20_000), "the halves differ");
    assertEquals(30_000, load.expected(Duration.ofSeconds(150)), 1e-3);
  }

  @Test
  void aDayWithoutAPeakIsAPoissonProcess() {
    Load.Open load = Load.daily(1000, 1, Duration.ofSeconds(10));
    long[] schedule = load.schedule(Duration.ofSeconds(10), 4);
    for (int second = 0; second < 10; second++) {
      assertEquals(1000, between(schedule, second, second + 1), spread(1000));
    }
  }

  @Test
  void aDayOfAnyPeakHasThatPeak() {
    for (double ratio : new double[] {1, 1.5, 2, 10, 100}) {
      DayCurve curve = DayCurve.of(new Load.Daily(50, ratio, Duration.ofHours(24)));
      assertEquals(50 * ratio, curve.rateAt(12 * 3600), 1e-3 * ratio);
      assertEquals(50.0 * 86_400, curve.requestsUntil(86_400), 1);
    }
  }

  @Test
  void aRecordingIsPlayedAtItsSpeedAndCutAtTheEnd() {
    long[] offsets = {0, 100, 100, 2_000_000_000L};
    Load.Replay load = (Load.Replay) Load.replay(offsets, 2);
    assertArrayEquals(new long[] {0, 50, 50, 1_000_000_000L}, load.schedule(MINUTE, 1));
    assertArrayEquals(new long[] {0, 50, 50}, load.schedule(Duration.ofNanos(51), 1));
    assertEquals(Duration.ofNanos(1_000_000_001L), load.playingTime());
    offsets[1] = 7;
    assertArrayEquals(new long[] {0, 100, 100, 2_000_000_000L}, load.offsets());
  }

  @Test
  void whatIsNoLoadIsRefused() {
    Duration second = Duration.ofSeconds(1);
    List<Runnable> wrong =
        List.of(
            () -> Load.closed(0),
            () -> Load.constant(0),
            () -> Load.constant(Double.NaN),
            () -> Load.poisson(Double.POSITIVE_INFINITY),
            () -> Load.bursts(0, second, 1, second),
            () -> Load.bursts(1, Duration.ZERO, 1, second),
            () -> Load.bursts(1, second, -1, second),
            () -> Load.ramp(0, 0),
            () -> Load.ramp(-1, 5),
            () -> Load.daily(1, 0.9, second),
            () -> Load.daily(1, 101, second),
            () -> Load.replay(new long[0], 1),
            () -> Load.replay(new long[] {2, 1}, 1),
            () -> Load.replay(new long[] {-1}, 1),
            () -> Load.replay(new long[] {1}, 0),
            () -> Load.constant(1).schedule(Duration.ZERO, 1));
    for (Runnable load : wrong) {
      assertThrows(IllegalArgumentException.class, load::run);
    }
    IllegalArgumentException many =
        assertThrows(
            IllegalArgumentException.class,
            () -> Load.poisson(1e9).schedule(Duration.ofHours(1), 1));
    assertTrue(many.getMessage().contains("lower rate"), many.getMessage());
    assertFalse(Load.replay(new long[] {1}, 1).equals(Load.replay(new long[] {2}, 1)));
  }
}

package io.inferc.benchmark.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.statistics.SteadyState.Segment;
import io.inferc.benchmark.statistics.SteadyState.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SteadyStateTest {
  private final Random random = new Random(42);

  /** Times about a level with a noise of 2 %. */
  private double[] times(int n, IntToDoubleFunction level) {
    return times(n, level, 0.02, 0);
  }

  private double[] times(int n, IntToDoubleFunction level, double noise, double rho) {
    double[] normal = Series.autoregressive(random, n, rho);
    return IntStream.range(0, n)
        .mapToDouble(i -> level.applyAsDouble(i) * Math.exp(noise * normal[i]))
        .toArray();
  }

  @Test
  void noiseAboutOneLevelIsFlatFromTheBeginning() {
    SteadyState state = SteadyState.of(times(100, i -> 5));
    assertEquals(Verdict.FLAT, state.verdict());
    assertEquals(0, state.start().getAsInt());
    assertEquals(1, state.segments().size());
    assertEquals(5, state.segments().get(0).level(), 0.05);
    assertEquals(0.02, state.segments().get(0).spread(), 0.004);
    assertEquals(Verdict.FLAT, SteadyState.of(times(100, i -> 5, 0, 0)).verdict());
  }

  @Test
  void aSlowBeginningIsWarmUpAndTheSteadyPartBeginsBehindIt() {
    SteadyState state = SteadyState.of(times(100, i -> i < 20 ? 8 : 5));
    assertEquals(Verdict.WARM_UP, state.verdict());
    assertEquals(20, state.start().getAsInt());
    assertEquals(8, state.segments().get(0).level(), 0.1);
  }

  @Test
  void evenOneSlowWindowAtTheBeginningIsWarmUp() {
    for (int slow = 1; slow <= 4; slow++) {
      int until = slow;
      SteadyState state = SteadyState.of(times(60, i -> i < until ? 12 : 5));
      assertEquals(Verdict.WARM_UP, state.verdict());
      assertEquals(slow, state.start().getAsInt());
    }
  }

  @Test
  void aShortWayDownIsWarmUpThoughItsValuesVaryMuch() {
    double[] times = times(60, i -> 5);
    times[0] = 12;
    times[1] = 5.6;
    SteadyState state = SteadyState.of(times);
    assertEquals(Verdict.WARM_UP, state.verdict());
    assertTrue(state.start().getAsInt() <= 2, state.toString());
  }

  @Test
  void compilationInStepsIsWarmUpToTheLastStep() {
    SteadyState state = SteadyState.of(times(200, i -> i < 10 ? 20 : i < 40 ? 9 : 7));
    assertEquals(Verdict.WARM_UP, state.verdict());
    assertEquals(40, state.start().getAsInt(), 2);
    assertEquals(3, state.segments().size());
  }

  @Test
  void whatWasFasterBeforeItWasSteadySlowedDown() {
    SteadyState state = SteadyState.of(times(100, i -> i < 30 ? 5 : 5.5));
    assertEquals(Verdict.SLOWDOWN, state.verdict());
    assertEquals(30, state.start().getAsInt(), 1);
    assertEquals(
        Verdict.SLOWDOWN, SteadyState.of(times(100, i -> i < 10 ? 9 : i < 40 ? 4 : 5)).verdict());
  }

  @Test
  void aChangeInTheLastQuarterIsNoSteadyState() {
    SteadyState state = SteadyState.of(times(100, i -> i < 85 ? 5 : 7));
    assertEquals(Verdict.NO_STEADY_STATE, state.verdict());
    assertTrue(state.start().isEmpty());
    assertEquals(2, state.segments().size());
  }

  @Test
  void aClimbThatDoesNotEndIsNoSteadyState() {
    assertEquals(Verdict.NO_STEADY_STATE, SteadyState.of(times(100, i -> 5 + 0.02 * i)).verdict());
    assertEquals(
        Verdict.NO_STEADY_STATE, SteadyState.of(times(100, i -> 5 + 0.01 * i, 0.05, 0)).verdict());
  }

  @Test
  void singleOutliersChangeNothing() {
    double[] times = times(100, i -> i < 20 ? 8 : 5);
    for (int i : new int[] {7, 31, 32, 60, 77, 99}) {
      times[i] *= 10;
    }
    SteadyState state = SteadyState.of(times);
    assertEquals(Verdict.WARM_UP, state.verdict());
    assertEquals(20, state.start().getAsInt());
  }

  @Test
  void aChangeOfNoiseAloneIsStillFlat() {
    double[] calm = times(80, i -> 5, 0.01, 0);
    double[] noisy = times(80, i -> 5, 0.1, 0);
    double[] both = Arrays.copyOf(calm, 160);
    System.arraycopy(noisy, 0, both, 80, 80);
    SteadyState state = SteadyState.of(both);
    assertEquals(2, state.segments().size());
    assertEquals(80, state.segments().get(1).from(), 4);
    assertEquals(Verdict.FLAT, state.verdict());
  }

  @Test
  void noiseIsCalledFlatInAlmostAllRunsAlsoWhereNeighboursAreAlike() {
    assertTrue(flat(60, 0) >= 0.97, "independent: " + flat(60, 0));
    assertTrue(flat(300, 0) >= 0.97, "independent: " + flat(300, 0));
    assertTrue(flat(60, 0.5) >= 0.95, "correlated: " + flat(60, 0.5));
    assertTrue(flat(300, 0.5) >= 0.95, "correlated: " + flat(300, 0.5));
  }

  private double flat(int n, double rho) {
    int runs = 300;
    int flat = 0;
    for (int run = 0; run < runs; run++) {
      if (SteadyState.of(times(n, i -> 5, 0.05, rho)).verdict() == Verdict.FLAT) {
        flat++;
      }
    }
    return (double) flat / runs;
  }

  @Test
  void tooFewValuesAreSaidToBeTooFew() {
    SteadyState state = SteadyState.of(times(11, i -> 5));
    assertEquals(Verdict.TOO_SHORT, state.verdict());
    assertTrue(state.start().isEmpty());
    assertFalse(SteadyState.of(times(12, i -> 5)).start().isEmpty());
    assertThrows(IllegalArgumentException.class, () -> SteadyState.of(new double[] {1, 0}));
  }

  @Test
  void theCutsAreThoseOfTheLeastCostAmongAll() {
    for (int run = 0; run < 40; run++) {
      int n = 12 + random.nextInt(90);
      int a = random.nextInt(n);
      int b = random.nextInt(n);
      double[] logs = Series.map(times(n, i -> i < a ? 6 : i < b ? 5.2 : 5, 0.03, 0.2), Math::log);
      List<Segment> cuts = ChangePoints.segments(logs);
      double sum = -penalty(n);
      for (Segment each : cuts) {
        sum += cost(logs, each.from(), each.to()) + penalty(n);
      }
      assertEquals(least(logs), sum, 1e-6);
    }
  }

  private static double least(double[] logs) {
    double[] best = new double[logs.length + 1];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    best[0] = -penalty(logs.length);
    for (int to = 1; to <= logs.length; to++) {
      for (int from = 0; from < to; from++) {
        best[to] = Math.min(best[to], best[from] + cost(logs, from, to) + penalty(logs.length));
      }
    }
    return best[logs.length];
  }

  private static double penalty(int n) {
    return 15 * Math.log(n);
  }

  private static double cost(double[] logs, int from, int to) {
    double[] steps = new double[logs.length - 1];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = Math.abs(logs[i + 1] - logs[i]);
    }
    double least = Math.max(1e-6, Math.pow(Medians.of(steps) / 0.6745, 2) / 8);
    double[] values = Arrays.copyOfRange(logs, from, to);
    double mean = Arrays.stream(values).average().orElseThrow();
    double deviations = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
    double variance = Math.max(least, deviations / values.length);
    return values.length * Math.log(variance) + deviations / variance;
  }
}

package io.inferc.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.FunctionModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BenchmarkTest {
  /** A clock that only models move, so that figures are exact. */
  private final AtomicLong nanos = new AtomicLong();

  private FunctionModel taking(String name, long millis) {
    return FunctionModel.named(name)
        .input("x", DataType.FLOAT32, "1")
        .output("y", DataType.FLOAT32, "1")
        .computing(
            in -> {
              nanos.addAndGet(millis * 1_000_000);
              return Map.of("y", Tensor.of(new float[] {1}, 1));
            });
  }

  private static BenchmarkOptions options(int rounds) {
    return BenchmarkOptions.defaults()
        .withRounds(rounds)
        .withTimes(Duration.ofMillis(10), Duration.ofMillis(100));
  }

  private BenchmarkComparison compare(FunctionModel original, FunctionModel compiled, int rounds) {
    try (Tensor x = Tensor.of(new float[] {1}, 1)) {
      return Benchmark.comparison(original, compiled)
          .clock(nanos::get)
          .run(Workload.of("one", Map.of("x", x)), options(rounds));
    }
  }

  @Test
  void latencyThroughputAndRatioAreExactOnAnExactClock() {
    BenchmarkComparison result = compare(taking("slow", 10), taking("fast", 5), 6);
    assertEquals(10, result.original().latency().p50(), 0.01);
    assertEquals(5, result.compiled().latency().p99(), 0.01);
    assertEquals(100, result.original().throughput(), 0.1);
    assertEquals(200, result.compiled().throughput(), 0.1);
    assertEquals(2, result.latencyRatio().ratio(), 0.01);
    assertEquals(2, result.throughputRatio().low(), 0.01);
    assertEquals(6, result.original().rounds().size());
    assertEquals(60, result.original().latency().count());
    assertTrue(result.toString().contains("2.000"), result.toString());
  }

  @Test
  void bothModelsTakeTurnsInAnOrderDrawnBySeed() {
    List<String> order = new ArrayList<>();
    FunctionModel a = noting("a", order);
    FunctionModel b = noting("b", order);
    compare(a, b, 8);
    List<String> turns = new ArrayList<>();
    for (String name : order) {
      if (turns.isEmpty() || !turns.get(turns.size() - 1).equals(name)) {
        turns.add(name);
      }
    }
    assertTrue(turns.size() >= 8, turns.toString());
    List<String> first = List.copyOf(order);
    order.clear();
    compare(a, b, 8);
    assertEquals(first, order, "the same seed gives the same order");
  }

  private FunctionModel noting(String name, List<String> order) {
    return FunctionModel.named(name)
        .input("x", DataType.FLOAT32, "1")
        .output("y", DataType.FLOAT32, "1")
        .computing(
            in -> {
              order.add(name);
              nanos.addAndGet(25_000_000);
              return Map.of("y", Tensor.of(new float[] {1}, 1));
            });
  }

  @Test
  void sessionsAreClosedWhenARunFails() {
    FunctionModel good = taking("good", 1);
    FunctionModel bad =
        FunctionModel.named("bad")
            .input("x", DataType.FLOAT32, "1")
            .output("y", DataType.FLOAT32, "1")
            .computing(
                in -> {
                  throw new InfercException(Stage.RUN, "It broke.", "Mend it.");
                });
    assertThrows(InfercException.class, () -> compare(good, bad, 3));
    assertEquals(0, good.openSessions() + bad.openSessions());
  }

  @Test
  void severalClientsShareTheLoad() {
    FunctionModel a = taking("a", 1);
    FunctionModel b = taking("b", 1);
    try (Tensor x = Tensor.of(new float[] {1}, 1)) {
      BenchmarkComparison result =
          Benchmark.comparison(a, b)
              .clock(nanos::get)
              .run(
                  Workload.of("many", Map.of("x", x)),
                  options(3).withLoad(new LoadPattern.ClosedLoop(4)));
      assertTrue(result.original().latency().count() >= 12);
    }
    assertEquals(4, a.sessionsOpened());
    assertEquals(0, a.openSessions());
  }

  @Test
  void impossibleOptionsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> BenchmarkOptions.defaults().withRounds(2));
    assertThrows(
        IllegalArgumentException.class,
        () -> BenchmarkOptions.defaults().withTimes(Duration.ZERO, Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> new LoadPattern.ClosedLoop(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> RatioInterval.ofPairs(new double[] {1}, new double[] {1}));
    assertThrows(
        IllegalArgumentException.class,
        () -> RatioInterval.ofPairs(new double[] {1, 0}, new double[] {1, 1}));
    assertThrows(
        IllegalArgumentException.class,
        () -> RatioInterval.ofPairs(new double[] {1, 2}, new double[] {1, 1}, 95));
  }

  @Test
  void moreConfidenceIsAWiderInterval() {
    double[] slow = {1, Math.E};
    double[] fast = {1, 1};
    // Student's with one degree of freedom: 1 at a half, 12.706 at 95 %, times half a unit.
    RatioInterval half = RatioInterval.ofPairs(slow, fast, 0.5);
    assertEquals(1, half.low(), 1e-9);
    assertEquals(Math.E, half.high(), 1e-9);
    RatioInterval usual = RatioInterval.ofPairs(slow, fast);
    assertEquals(Math.exp(0.5 - 12.7062 / 2), usual.low(), 1e-6);
    assertEquals(usual, RatioInterval.ofPairs(slow, fast, 0.95));
  }

  @Test
  void theIntervalHoldsTheTrueRatioAboutNinetyFiveTimesInAHundred() {
    Random random = new Random(42);
    int held = 0;
    int trials = 1000;
    for (int trial = 0; trial < trials; trial++) {
      double[] slow = new double[12];
      double[] fast = new double[12];
      for (int i = 0; i < slow.length; i++) {
        double machine = Math.exp(random.nextGaussian() * 0.5);
        slow[i] = 1.7 * machine * Math.exp(random.nextGaussian() * 0.05);
        fast[i] = machine * Math.exp(random.nextGaussian() * 0.05);
      }
      RatioInterval r = RatioInterval.ofPairs(slow, fast);
      held += r.low() <= 1.7 && 1.7 <= r.high() ? 1 : 0;
    }
    assertTrue(held > 930 && held < 970, "held in " + held + " of " + trials);
  }
}

package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.statistics.Difference;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junitpioneer.jupiter.RetryingTest;

@Timeout(60)
class LoadComparisonTest {
  private static FakeSubject of(long millis) {
    return new FakeSubject(
        place -> {
          FakeSubject.pause(millis);
          return Answer.ok();
        });
  }

  private static LoadTest.Builder test(Load load) {
    return LoadTest.builder(load)
        .warmUp(Duration.ofMillis(20))
        .duration(Duration.ofMillis(1000))
        .blocks(10)
        .workers(1);
  }

  @Test
  void bothSidesGetTheSameArrivalsAndRequestsAndTheOrderIsDrawn() {
    FakeSubject a = of(0);
    FakeSubject b = of(0);
    Load.Open load = Load.poisson(200);
    LoadComparison comparison = test(load).seed(4).build().compare(a, b, FakeSubject.numbered());
    assertEquals(10, comparison.blocks().size());
    assertEquals(a.asked, b.asked);
    int measured = 0;
    for (LoadComparison.Block block : comparison.blocks()) {
      LoadSamples first = block.baseline().samples();
      LoadSamples second = block.candidate().samples();
      assertEquals(
          IntStream.range(0, first.size()).mapToObj(first::intended).toList(),
          IntStream.range(0, second.size()).mapToObj(second::intended).toList());
      measured += (int) block.baseline().requests();
    }
    assertEquals(load.schedule(Duration.ofMillis(1000), 4).length, measured);
    long baselineFirst =
        comparison.blocks().stream().filter(LoadComparison.Block::baselineFirst).count();
    assertTrue(baselineFirst > 0 && baselineFirst < 10, "no order was drawn");
    assertEquals(1, a.opened.get());
    assertEquals(1, a.closed.get());
    assertEquals(1, b.closed.get());
  }

  @RetryingTest(3)
  void aSubjectThatTakesSeveralTimesAsLongIsSlower() {
    LoadComparison comparison =
        test(Load.constant(60)).build().compare(of(1), of(12), FakeSubject.numbered());
    Difference difference = comparison.latency(50);
    assertTrue(difference.ratio().ratio() > 2, difference::toString);
    assertNotEquals(Difference.Verdict.FASTER, difference.verdict(), difference::toString);
    assertTrue(comparison.meanLatency().ratio().ratio() > 1);
    assertTrue(
        comparison.candidateLatency().percentile(50).value()
            > comparison.baselineLatency().percentile(50).value());
    assertNotEquals("", comparison.baselineSteadiness().toString());
  }

  @RetryingTest(3)
  void inAClosedLoopThroughputIsCompared() {
    LoadComparison comparison =
        test(Load.closed(1)).build().compare(of(16), of(1), FakeSubject.numbered());
    // Whether a busy machine lets it be shown is another matter.
    assertTrue(comparison.throughput().orElseThrow().ratio().ratio() > 1.5, comparison::toString);
    assertEquals(
        List.of(), comparison.voidReasons().stream().filter(r -> r.contains("Little")).toList());
  }

  @RetryingTest(3)
  void aSideThatFallsBehindMakesTheComparisonVoid() {
    LoadComparison comparison =
        test(Load.constant(300))
            .drainLimit(Duration.ZERO)
            .build()
            .compare(of(0), of(30), FakeSubject.numbered());
    List<String> reasons = comparison.voidReasons();
    assertTrue(
        reasons.stream().anyMatch(r -> r.contains("never sent") && r.contains("lower rate")),
        reasons::toString);
    assertTrue(comparison.toString().contains("void"));
  }

  @Test
  void aRampIsCutIntoBlocksNotStartedAnewInEach() {
    LoadComparison comparison =
        test(Load.ramp(10, 400)).build().compare(of(0), of(0), FakeSubject.numbered());
    List<Long> counts = new ArrayList<>();
    comparison.blocks().forEach(block -> counts.add(block.baseline().requests()));
    assertTrue(counts.get(9) > 3 * counts.get(0), counts::toString);
    assertEquals(
        Load.ramp(10, 400).schedule(Duration.ofMillis(1000), 1).length,
        counts.stream().mapToLong(Long::longValue).sum());
  }

  @Test
  void aCancelledComparisonEndsAndClosesBothSides() {
    FakeSubject a = of(0);
    FakeSubject b = of(0);
    Cancellation cancellation = new Cancellation();
    assertThrows(
        CancelledException.class,
        () ->
            test(Load.constant(100))
                .duration(Duration.ofMinutes(10))
                .blocks(5000)
                .cancellation(cancellation)
                .progress(
                    (stage, task, done, total) -> {
                      if (done == 1) {
                        cancellation.cancel();
                      }
                    })
                .build()
                .compare(a, b, FakeSubject.numbered()));
    assertEquals(1, a.closed.get());
    assertEquals(1, b.closed.get());
    assertFalse(b.asked.isEmpty());
    assertThrows(IllegalArgumentException.class, () -> test(Load.closed(1)).blocks(4));
  }
}

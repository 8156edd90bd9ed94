package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.load.Answer.Outcome;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junitpioneer.jupiter.RetryingTest;

@Timeout(120)
class LoadSearchTest {
  private static LoadTest test(double rate) {
    return LoadTest.builder(Load.constant(rate))
        .warmUp(Duration.ZERO)
        .duration(Duration.ofMillis(400))
        .drainLimit(Duration.ofMillis(200))
        .workers(1)
        .lagShare(1)
        .build();
  }

  private static FakeSubject pausing(long millis) {
    return new FakeSubject(
        place -> {
          FakeSubject.pause(millis);
          return Answer.ok();
        });
  }

  @RetryingTest(3)
  void theRateIsBelowTheCapacityAndAllRunsAreKept() {
    FakeSubject subject = pausing(5);
    LoadLimit found =
        LoadSearch.of(test(50), 50, Duration.ofMillis(30))
            .mostRuns(8)
            .resolution(0.5)
            .run(subject, FakeSubject.numbered());
    assertTrue(found.probes().size() >= 2 && found.probes().size() <= 8, found::toString);
    assertTrue(found.rate().isPresent(), found::toString);
    // A server that takes 5 ms answers at most 200/s; a queue of 30 ms is a twentieth of a run.
    assertTrue(found.rate().getAsDouble() < 230, found::toString);
    LoadRun run = found.run().orElseThrow();
    assertTrue(run.latency().percentile(50).value() <= 30);
    found.refusedRate().ifPresent(r -> assertTrue(r > found.rate().getAsDouble()));
    assertEquals(1, subject.opened.get());
    assertEquals(1, subject.closed.get());
  }

  @RetryingTest(3)
  void aRunIsEndedEarlyWhereTooManyWait() {
    long begin = System.nanoTime();
    LoadTest test =
        LoadTest.builder(Load.constant(1000))
            .warmUp(Duration.ZERO)
            .duration(Duration.ofMinutes(2))
            .workers(1)
            .build();
    LoadLimit found =
        LoadSearch.of(test, 99, Duration.ofMillis(10))
            .mostRuns(2)
            .run(pausing(10_000), FakeSubject.numbered());
    assertEquals(LoadLimit.Verdict.HOPELESS, found.probes().get(0).verdict());
    assertTrue(found.rate().isEmpty());
    assertTrue(found.run().isEmpty());
    assertEquals(500, found.refusedRate().orElseThrow(), 1e-6);
    assertTrue(System.nanoTime() - begin < 60e9, "the runs went on");
  }

  @RetryingTest(3)
  void requestsThatFailDoNotKeepALimit() {
    LoadLimit found =
        LoadSearch.of(test(200), 95, Duration.ofMillis(50))
            .mostRuns(2)
            .run(
                new FakeSubject(
                    place -> place % 5 == 0 ? Answer.failed(Outcome.FAILED, "no") : Answer.ok()),
                FakeSubject.numbered());
    assertTrue(found.rate().isEmpty(), found::toString);
    assertEquals(Double.POSITIVE_INFINITY, found.probes().get(0).bound().orElseThrow().bound());
  }

  @RetryingTest(3)
  void aRunIsLongEnoughForABound() {
    LoadLimit found =
        LoadSearch.of(test(400), 95, Duration.ofMillis(30))
            .mostRuns(2)
            .run(new FakeSubject(place -> Answer.ok()), FakeSubject.numbered());
    // P95 takes 59 independent samples; five times as many leave some to resemble each other.
    assertEquals(295, found.probes().get(0).run().requests(), 2);
  }

  @RetryingTest(3)
  void theRuleOfMlperfTakesMoreRequestsThanTheBound() {
    // At P50 the bound takes 5 requests at least, the rule 7; a run has five times as many.
    FakeSubject subject = pausing(0);
    LoadSearch search = LoadSearch.of(test(10), 50, Duration.ofMillis(100)).mostRuns(2);
    LoadLimit bound = search.run(subject, FakeSubject.numbered());
    LoadLimit rule = search.earlyStopping().run(subject, FakeSubject.numbered());
    assertEquals(LoadLimit.Verdict.KEPT, bound.probes().get(0).verdict(), bound::toString);
    assertEquals(LoadLimit.Verdict.KEPT, rule.probes().get(0).verdict(), rule::toString);
    assertEquals(25, bound.probes().get(0).run().samples().size(), bound::toString);
    assertEquals(35, rule.probes().get(0).run().samples().size(), rule::toString);
  }

  @RetryingTest(3)
  void aRateThatIsKeptThoughTheGeneratorWasLateIsKept() {
    LoadTest test =
        LoadTest.builder(Load.constant(100))
            .warmUp(Duration.ZERO)
            .duration(Duration.ofMillis(400))
            .workers(1)
            .lagShare(1e-9)
            .build();
    LoadSearch search = LoadSearch.of(test, 50, Duration.ofMillis(60)).mostRuns(2);
    LoadLimit kept = search.run(pausing(1), FakeSubject.numbered());
    assertTrue(kept.probes().get(0).run().isVoid(), "a generator is never so punctual");
    assertEquals(LoadLimit.Verdict.KEPT, kept.probes().get(0).verdict(), kept::toString);
    LoadSearch strict = LoadSearch.of(test, 50, Duration.ofNanos(1)).mostRuns(2);
    LoadLimit late = strict.run(pausing(1), FakeSubject.numbered());
    assertEquals(LoadLimit.Verdict.VOID, late.probes().get(0).verdict(), late::toString);
  }

  @RetryingTest(3)
  void burstsAreTriedWhole() {
    LoadTest test =
        LoadTest.builder(Load.bursts(100, Duration.ofMillis(200), 20, Duration.ofMillis(300)))
            .warmUp(Duration.ofMillis(120))
            .duration(Duration.ofMillis(600))
            .workers(1)
            .lagShare(10)
            .build();
    LoadLimit found =
        LoadSearch.of(test, 50, Duration.ofMillis(30))
            .mostRuns(2)
            .run(pausing(0), FakeSubject.numbered());
    LoadLimit.Probe probe = found.probes().get(0);
    // A fifth of 100 and three of 20 each half second, whatever the warm-up was.
    assertEquals(52, probe.rate(), 1e-6, found::toString);
    assertEquals(
        Duration.ofMillis(1000),
        found.probes().get(0).run().settings().duration(),
        found::toString);
  }

  @RetryingTest(3)
  void whatStandsStillInTheWarmUpDoesNotCount() {
    LoadTest test =
        LoadTest.builder(Load.constant(400))
            .warmUp(Duration.ofMillis(600))
            .duration(Duration.ofSeconds(1))
            .workers(1)
            .lagShare(100)
            .build();
    FakeSubject subject =
        new FakeSubject(
            place -> {
              FakeSubject.pause(place == 0 ? 300 : 0);
              return Answer.ok();
            });
    LoadLimit found =
        LoadSearch.of(test, 95, Duration.ofMillis(40))
            .mostRuns(2)
            .run(subject, FakeSubject.numbered());
    assertEquals(LoadLimit.Verdict.KEPT, found.probes().get(0).verdict(), found::toString);
  }

  @RetryingTest(3)
  void callersThatWaitForEachOtherInsideKeepALimitAtALowerRate() {
    AtomicInteger inside = new AtomicInteger();
    FakeSubject subject =
        new FakeSubject(
            place -> {
              FakeSubject.pause(10L * inside.incrementAndGet());
              inside.decrementAndGet();
              return Answer.ok();
            });
    LoadTest test =
        LoadTest.builder(Load.constant(400))
            .warmUp(Duration.ZERO)
            .duration(Duration.ofMillis(600))
            .drainLimit(Duration.ofMillis(100))
            .workers(4)
            .lagShare(100)
            .build();
    LoadLimit found =
        LoadSearch.of(test, 50, Duration.ofMillis(30))
            .mostRuns(6)
            .run(subject, FakeSubject.numbered());
    assertEquals(LoadLimit.Verdict.HOPELESS, found.probes().get(0).verdict(), found::toString);
    assertTrue(found.rate().isPresent(), found::toString);
  }

  @RetryingTest(3)
  void aRecordingIsNotPlayedSoFastThatNothingShows() {
    long[] times = IntStream.range(0, 100).mapToLong(i -> i * 10_000_000L).toArray();
    LoadTest test =
        LoadTest.builder(Load.replay(times, 1))
            .warmUp(Duration.ZERO)
            .duration(Duration.ofSeconds(10))
            .workers(1)
            .lagShare(100)
            .build();
    LoadLimit found =
        LoadSearch.of(test, 50, Duration.ofMillis(20))
            .mostRuns(8)
            .run(new FakeSubject(place -> Answer.ok()), FakeSubject.numbered());
    assertEquals(2, found.probes().size(), found::toString);
    assertFalse(found.isBracketed());
    for (LoadLimit.Probe probe : found.probes()) {
      assertTrue(probe.run().measured().toMillis() >= 400, found::toString);
    }
    LoadSearch longer = LoadSearch.of(test, 50, Duration.ofMillis(60));
    FakeSubject subject = pausing(0);
    Requests requests = FakeSubject.numbered();
    assertThrows(IllegalArgumentException.class, () -> longer.run(subject, requests));
    assertThrows(IllegalArgumentException.class, () -> longer.compare(List.of(subject), requests));
  }

  @Test
  void aRampIsNoRampOfItsOwnInItsFirstPart() {
    Load.Open ramp = Load.ramp(0, 200);
    Duration warmUp = Duration.ofSeconds(5);
    Duration length = Duration.ofSeconds(25);
    long[] schedule = ramp.schedule(length, 1);
    long later = Arrays.stream(schedule).filter(t -> t >= warmUp.toNanos()).count();
    assertEquals(2400, ramp.expected(warmUp, length), 1e-9);
    assertEquals(2400, later, 2);
    assertEquals(2500, ramp.expected(Duration.ZERO, length), 1e-9);
    assertEquals(400, Load.poisson(20).expected(warmUp, length), 1e-9);
  }

  @Test
  void whatIsNoSearchIsRefused() {
    LoadTest closed = LoadTest.builder(Load.closed(1)).build();
    Duration limit = Duration.ofMillis(1);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> LoadSearch.of(closed, 95, limit))
            .getMessage()
            .contains("poisson:100"));
    assertThrows(IllegalArgumentException.class, () -> LoadSearch.of(test(1), 100, limit));
    assertThrows(IllegalArgumentException.class, () -> LoadSearch.of(test(1), 95, Duration.ZERO));
    LoadSearch search = LoadSearch.of(test(1), 95, limit);
    assertThrows(IllegalArgumentException.class, () -> search.mostRuns(1));
    assertThrows(IllegalArgumentException.class, () -> search.resolution(0));
  }
}

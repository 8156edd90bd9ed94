package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.load.LoadLimit.Verdict;
import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junitpioneer.jupiter.RetryingTest;

@Timeout(120)
class LoadLimitsTest {
  private static FakeSubject pausing(long millis) {
    return new FakeSubject(
        place -> {
          FakeSubject.pause(millis);
          return Answer.ok();
        });
  }

  private static LoadSearch search(Duration limit) {
    LoadTest test =
        LoadTest.builder(Load.constant(100))
            .warmUp(Duration.ZERO)
            .duration(Duration.ofMillis(100))
            .drainLimit(Duration.ofMillis(100))
            .workers(1)
            .lagShare(100)
            .build();
    return LoadSearch.of(test, 50, limit).mostRuns(6).resolution(0.5).rounds(8);
  }

  @RetryingTest(3)
  void aSubjectThatTakesAQuarterOfTheTimeKeepsTheLimitAtAHigherRate() {
    FakeSubject slow = pausing(5);
    FakeSubject fast = pausing(1);
    LoadLimits limits =
        search(Duration.ofMillis(12)).compare(List.of(slow, fast), FakeSubject.numbered());
    assertEquals(8, limits.rounds().size());
    Estimate rate = limits.rate(1).orElseThrow();
    RatioEstimate ratio = limits.ratio(0, 1).orElseThrow();
    assertTrue(ratio.ratio() > 1.2, ratio::toString);
    assertEquals(rate.value() / limits.rate(0).orElseThrow().value(), ratio.ratio(), 1e-9);
    assertTrue(rate.low() < rate.high(), () -> "rounds begin at the same rate: " + rate);
    List<LoadLimit.Probe> curve = limits.curve(0);
    int probes = limits.first().get(0).probes().size();
    for (List<LoadLimit> round : limits.rounds()) {
      probes += round.get(0).probes().size();
    }
    assertEquals(probes, curve.size());
    for (int i = 1; i < curve.size(); i++) {
      assertTrue(curve.get(i - 1).rate() <= curve.get(i).rate());
    }
    assertEquals(Optional.empty(), limits.reason(0));
    assertEquals("P50 within 12ms", limits.condition());
    assertEquals(1, slow.closed.get());
    assertEquals(1, fast.closed.get());
  }

  @RetryingTest(3)
  void whereOneKeepsItAtNoRateNothingIsCompared() {
    LoadLimits limits =
        search(Duration.ofMillis(1))
            .mostRuns(3)
            .compare(List.of(pausing(30), pausing(0)), FakeSubject.numbered());
    assertEquals(List.of(), limits.rounds());
    assertEquals(Optional.empty(), limits.rate(1));
    assertEquals(Optional.empty(), limits.ratio(0, 1));
    String reason = limits.reason(0).orElseThrow();
    assertTrue(reason.contains("was not shown to keep P50 within 1ms"), reason);
    assertTrue(limits.reason(1).isPresent());
  }

  private static LoadLimit.Probe made(double rate, Verdict verdict) {
    Duration length = Duration.ofSeconds(1);
    LoadSettings settings = MadeLoad.settings(Load.constant(rate), length, Optional.empty());
    LoadRun run =
        MadeLoad.run(
            "made", settings, Load.constant(rate), length, 1, place -> MadeLoad.Fate.ok(1));
    return MadeLoad.probe(rate, 50, verdict, run);
  }

  @Test
  void whatEveryRateKeepsIsALowerBoundAndNoRate() {
    Duration limit = Duration.ofMillis(12);
    LoadLimit open =
        new LoadLimit(50, limit, List.of(made(100, Verdict.KEPT), made(200, Verdict.KEPT)));
    LoadLimit closed =
        new LoadLimit(50, limit, List.of(made(100, Verdict.KEPT), made(200, Verdict.NOT_SHOWN)));
    List<LoadLimit> found = List.of(closed);
    LoadLimits limits =
        new LoadLimits(
            50,
            limit,
            1,
            List.of("made"),
            found,
            List.of(List.of(open), found, found, found, found));
    assertEquals(200, open.rate().orElseThrow());
    assertEquals(Optional.empty(), limits.rate(0));
    assertEquals(Optional.empty(), limits.ratio(0, 0));
    String reason = limits.reason(0).orElseThrow();
    assertTrue(reason.contains("in 4 of 5 rounds"), reason);
    LoadLimits enough =
        new LoadLimits(
            50, limit, 1, List.of("made"), found, List.of(found, found, found, found, found));
    assertEquals(100, enough.rate(0).orElseThrow().value(), 1e-9);
    assertEquals(Optional.empty(), enough.reason(0));
  }

  @Test
  void whatIsNoComparisonIsRefused() {
    LoadSearch search = search(Duration.ofMillis(10));
    assertThrows(
        IllegalArgumentException.class, () -> search.compare(List.of(), FakeSubject.numbered()));
    assertThrows(IllegalArgumentException.class, () -> search.rounds(4));
  }
}

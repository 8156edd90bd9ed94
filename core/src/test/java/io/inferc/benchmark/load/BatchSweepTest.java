package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junitpioneer.jupiter.RetryingTest;

@Timeout(60)
class BatchSweepTest {
  private static LoadTest test(Load load) {
    return LoadTest.builder(load).warmUp(Duration.ZERO).duration(Duration.ofMillis(600)).build();
  }

  @RetryingTest(3)
  void aSubjectThatTakesAsLongForManyHasAsManyTimesTheThroughput() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              FakeSubject.pause(4);
              return Answer.ok();
            });
    List<BatchThroughput> curve =
        BatchSweep.of(test(Load.closed(1))).run(subject, batch -> FakeSubject.numbered(), 1, 16);
    assertEquals(1, curve.get(0).batch());
    assertEquals(16, curve.get(1).batch());
    assertEquals(1, curve.get(0).overFirst().orElseThrow().ratio(), 1e-9);
    assertTrue(curve.get(1).overFirst().orElseThrow().ratio() > 5, curve::toString);
    assertEquals(16 * curve.get(1).requestsPerSecond(), curve.get(1).samplesPerSecond(), 1e-6);
    assertTrue(curve.get(0).latency().percentile(50).value() >= 4);
    assertEquals(1, subject.opened.get());
    assertEquals(1, subject.closed.get());
  }

  @Test
  void whatIsNoSweepIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> BatchSweep.of(test(Load.poisson(1))));
    BatchSweep sweep = BatchSweep.of(test(Load.closed(1)));
    FakeSubject subject = new FakeSubject(place -> Answer.ok());
    assertThrows(
        IllegalArgumentException.class, () -> sweep.run(subject, b -> FakeSubject.numbered()));
    assertThrows(
        IllegalArgumentException.class, () -> sweep.run(subject, b -> FakeSubject.numbered(), 0));
  }
}

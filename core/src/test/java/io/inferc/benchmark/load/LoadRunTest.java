package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.benchmark.statistics.SteadyState;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junitpioneer.jupiter.RetryingTest;

@Timeout(60)
class LoadRunTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  private static LoadTest.Builder test(Load load) {
    return LoadTest.builder(load).warmUp(Duration.ZERO).duration(SHORT);
  }

  private static FakeSubject quick() {
    return new FakeSubject(place -> Answer.ok());
  }

  /** Threads of a run end before it returns, but for those that do not come back. */
  @AfterEach
  void noThreadIsLeft() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (Thread.getAllStackTraces().keySet().stream()
        .anyMatch(t -> t.getName().startsWith("inferc-load-"))) {
      assertTrue(System.nanoTime() < deadline, "threads were left");
      Thread.sleep(5);
    }
  }

  private static void assertNothingLeft(FakeSubject subject, int workers) {
    assertEquals(workers, subject.opened.get());
    assertEquals(workers, subject.closed.get());
    assertEquals(0, subject.inside.get());
  }

  @Test
  void everyRequestOfAScheduleIsSentOnceAndNoneBeforeItIsDue() {
    FakeSubject subject = quick();
    Load.Open load = Load.poisson(500);
    LoadRun run = test(load).workers(3).seed(9).build().run(subject, FakeSubject.numbered());
    long[] schedule = load.schedule(SHORT, 9);
    LoadSamples samples = run.samples();
    assertEquals(schedule.length, samples.size());
    for (int i = 0; i < schedule.length; i++) {
      assertEquals(schedule[i], samples.intended(i), "the schedule was moved");
      assertTrue(samples.start(i) >= schedule[i]);
      assertTrue(samples.end(i) >= samples.start(i));
      assertTrue(samples.lag(i) >= 0 && samples.queueing(i) >= 0);
      assertEquals(samples.latency(i), samples.queueing(i) + samples.lag(i) + samples.service(i));
      assertEquals("kind " + i % 2, samples.kind(i));
      assertNull(samples.stream(i));
    }
    List<Long> asked = new ArrayList<>(subject.asked);
    asked.sort(null);
    assertEquals(IntStream.range(0, schedule.length).mapToObj(i -> (long) i).toList(), asked);
    assertEquals(schedule.length, run.outcomes().get(Outcome.OK));
    assertEquals(schedule.length, run.requests());
    assertEquals(0, run.unsent() + run.unanswered() + run.failed());
    assertFalse(run.isSaturated());
    assertNothingLeft(subject, 3);
  }

  @Test
  void oneWorkerServesInTheOrderOfArrival() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              FakeSubject.pause(place % 3);
              return Answer.ok();
            });
    LoadSamples samples =
        test(Load.poisson(600)).workers(1).build().run(subject, FakeSubject.numbered()).samples();
    for (int i = 1; i < samples.size(); i++) {
      assertEquals(i, subject.asked.get(i));
      assertTrue(samples.start(i) >= samples.end(i - 1), "two at once");
      long free = samples.end(i - 1);
      assertEquals(Math.max(0, free - samples.intended(i)), samples.queueing(i));
      assertEquals(samples.start(i) - Math.max(free, samples.intended(i)), samples.lag(i));
    }
    assertEquals(1, subject.mostInside.get());
  }

  /** The earliest free of the servers takes the next in line: Kiefer and Wolfowitz. */
  @RetryingTest(3)
  void severalWorkersAreOneQueueFirstComeFirstServed() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              FakeSubject.pause(2 + place % 7);
              return Answer.ok();
            });
    LoadSamples samples =
        test(Load.poisson(800)).workers(3).build().run(subject, FakeSubject.numbered()).samples();
    assertEquals(3, subject.mostInside.get());
    long[] free = new long[3];
    for (int i = 0; i < samples.size(); i++) {
      int first = free[0] <= free[1] && free[0] <= free[2] ? 0 : free[1] <= free[2] ? 1 : 2;
      // Two that are free at almost the same moment may take their places in the other order.
      assertEquals(
          Math.max(0, free[first] - samples.intended(i)), samples.queueing(i), 25e6, "of " + i);
      free[first] = samples.end(i);
    }
  }

  @RetryingTest(3)
  void aPauseOfTheSubjectShowsInAllThatWereMeantToStartMeanwhile() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              if (place == 300) {
                FakeSubject.pause(400);
              }
              return Answer.ok();
            });
    LoadRun run =
        test(Load.constant(500))
            .workers(1)
            .duration(Duration.ofSeconds(2))
            .build()
            .run(subject, FakeSubject.numbered());
    // 200 of 1000 requests wait, the k-th of them 400 - 2 k ms.
    assertEquals(380, run.latency().percentile(99).value(), 100);
    assertEquals(399, run.latency().percentile(99.9).value(), 100);
    assertTrue(run.latency().percentile(50).value() < 100);
    assertTrue(run.queueing().percentile(99).value() > 250);
    LoadSamples samples = run.samples();
    assertTrue(samples.service(300) >= 400_000_000);
    assertEquals(0, samples.queueing(300) / 100_000_000);
  }

  @RetryingTest(3)
  void aClosedLoopHasSoManyRequestsUnderWayAndNoMore() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              FakeSubject.pause(1);
              return Answer.ok();
            });
    LoadRun run = test(Load.closed(4)).build().run(subject, FakeSubject.numbered());
    LoadSamples samples = run.samples();
    assertEquals(subject.asked.size(), samples.size());
    assertEquals(4, subject.mostInside.get());
    assertEquals(4, run.settings().workers());
    for (int i = 1; i < samples.size(); i++) {
      assertTrue(samples.intended(i) >= samples.intended(i - 1), "not in order");
      assertEquals(0, samples.queueing(i));
    }
    assertTrue(run.observedInSystem().isEmpty());
    assertTrue(run.throughput() > 0);
    assertNothingLeft(subject, 4);
  }

  @Test
  void aClosedLoopKeepsMoreRequestsThanFitIntoOneChunk() {
    LoadRun run = test(Load.closed(2)).build().run(quick(), FakeSubject.numbered());
    assertTrue(run.samples().size() > 0);
    assertEquals(run.samples().size(), run.outcomes().get(Outcome.OK) + late(run.samples()));
  }

  private static long late(LoadSamples samples) {
    return IntStream.range(0, samples.size())
        .filter(i -> samples.intended(i) >= SHORT.toNanos())
        .count();
  }

  @Test
  void theWarmUpIsInTheSamplesButNotInTheFigures() {
    LoadRun run =
        test(Load.constant(100))
            .warmUp(Duration.ofMillis(200))
            .workers(1)
            .build()
            .run(
                new FakeSubject(
                    place ->
                        place < 10
                            ? Answer.failed(Outcome.REFUSED, "still starting")
                            : Answer.ok()),
                FakeSubject.numbered());
    assertEquals(50, run.samples().size());
    assertEquals(30, run.requests());
    assertEquals(30, run.latency().count());
    assertEquals(0, run.failed());
    assertEquals(100, run.offeredRate(), 1e-9);
    assertEquals(List.of(new Failure(Outcome.REFUSED, "still starting", 10)), run.failures());
    assertEquals(SHORT, run.measured());
  }

  @Test
  void requestsCountFromTheMomentThatLatenciesAreSteady() {
    LoadSamples.Builder rows = new LoadSamples.Builder(List.of("one"), 1);
    long ms = 1_000_000;
    for (int i = 0; i < 6000; i++) {
      long service = (i < 1000 ? 8 : 2) * ms + i * 7919L % 200_000;
      rows.answered(i * 10 * ms, 0, i * 10 * ms, i * 10 * ms + service, 0, 0, null);
    }
    LoadSamples samples = rows.build();
    LoadSettings settings =
        LoadTest.builder(Load.constant(100))
            .warmUpUntilSteady(Duration.ofSeconds(30))
            .duration(Duration.ofSeconds(30))
            .build()
            .settings(quick());
    LoadRun run =
        new LoadRun(
            "fake",
            settings,
            Instant.EPOCH,
            new Observed(
                60_000 * ms, 60_000 * ms, OptionalDouble.empty(), OptionalDouble.empty(), 0),
            samples,
            List.of());
    assertEquals(10, run.warmedUpAfter().toMillis() / 1000.0, 1);
    assertEquals(5000, run.requests(), 100);
    assertEquals(SteadyState.Verdict.FLAT, run.steadyState().verdict());
    assertTrue(run.latency().percentile(99).value() < 3);
  }

  @Test
  void failuresAreCountedByTheirEndWithWhatWasSaid() {
    FakeSubject subject =
        new FakeSubject(
            place ->
                switch ((int) (place % 4)) {
                  case 0 -> Answer.failed(Outcome.TIMEOUT, "no answer within 1 s");
                  case 1 -> Answer.failed(Outcome.FAILED, "status 500 of request " + place);
                  default -> Answer.ok();
                });
    LoadRun run = test(Load.constant(200)).workers(1).build().run(subject, FakeSubject.numbered());
    assertEquals(15, run.outcomes().get(Outcome.TIMEOUT));
    assertEquals(15, run.outcomes().get(Outcome.FAILED));
    assertEquals(0, run.outcomes().get(Outcome.BROKEN));
    assertEquals(30, run.outcomes().get(Outcome.OK));
    assertEquals(30, run.failed());
    assertEquals(30, run.latency().count(), "failures are no latencies");
    assertEquals(new Failure(Outcome.TIMEOUT, "no answer within 1 s", 15), run.failures().get(0));
    assertEquals(7, run.failures().size(), "five messages, and the others together");
    assertEquals(30, run.failures().stream().mapToLong(Failure::count).sum(), "a failure was lost");
  }

  @Test
  void aRunWithoutAnyAnswerIsVoidAndSaysWhy() {
    LoadRun run =
        test(Load.constant(100))
            .workers(1)
            .build()
            .run(
                new FakeSubject(place -> Answer.failed(Outcome.REFUSED, "connection refused")),
                FakeSubject.numbered());
    assertTrue(run.isVoid());
    assertTrue(run.voidReasons().get(0).contains("connection refused"), run::toString);
    assertEquals(0, run.throughput());
  }

  @RetryingTest(3)
  void aGeneratorThatIsLateMakesTheRunVoid() {
    Requests slow =
        index -> {
          FakeSubject.pause(20);
          return FakeSubject.numbered().get(index);
        };
    LoadRun run = test(Load.constant(100)).workers(1).build().run(quick(), slow);
    assertTrue(run.isVoid());
    assertTrue(run.voidReasons().get(0).contains("generator itself was late"), run::toString);
    // Each request is late by little beside the latency, to which it is the lag that has led.
    assertTrue(
        run.withoutLag().percentile(50).value() < 0.5 * run.latency().percentile(50).value());
    assertTrue(run.lag().percentile(50).value() > 5);
    LoadRun slower = test(Load.constant(20)).workers(1).build().run(quick(), slow);
    assertTrue(slower.isVoid());
    assertTrue(slower.voidReasons().get(0).contains("lag has a P99 of"), slower::toString);
  }

  @RetryingTest(3)
  void aSubjectThatFallsBehindIsSaturatedAndItsRunEnds() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              FakeSubject.pause(20);
              return Answer.ok();
            });
    LoadRun run =
        test(Load.constant(1000))
            .workers(1)
            .drainLimit(Duration.ofMillis(100))
            .build()
            .run(subject, FakeSubject.numbered());
    assertTrue(run.isSaturated());
    assertTrue(run.unsent() > 200);
    assertEquals(300, run.unsent() + run.unanswered() + run.outcomes().get(Outcome.OK));
    assertEquals(Double.POSITIVE_INFINITY, run.latency().percentile(50).value());
    assertEquals(run.unsent() + run.unanswered(), run.latency().endless());
    assertTrue(run.drained().compareTo(Duration.ofMillis(90)) > 0);
    assertNothingLeft(subject, 1);
  }

  @RetryingTest(3)
  void aRequestThatIsNeverAnsweredDoesNotHoldTheRun() {
    CountDownLatch forever = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    FakeSubject subject =
        new FakeSubject(
            place -> {
              if (place == 5) {
                try {
                  forever.await();
                } catch (InterruptedException e) {
                  interrupted.set(true);
                  throw new CancelledException(Stage.RUN);
                }
              }
              return Answer.ok();
            });
    LoadRun run =
        test(Load.constant(100))
            .workers(2)
            .drainLimit(Duration.ofMillis(50))
            .build()
            .run(subject, FakeSubject.numbered());
    assertTrue(interrupted.get());
    assertEquals(1, run.unanswered());
    assertEquals(29, run.outcomes().get(Outcome.OK));
    assertTrue(run.samples().isSent(5));
    assertNull(run.samples().outcome(5));
    assertThrows(IllegalArgumentException.class, () -> run.samples().end(5));
    assertNothingLeft(subject, 2);
  }

  @Test
  void whereOneCallerCannotBeOpenedTheOthersAreClosed() {
    FakeSubject inner = quick();
    Subject subject =
        new Subject() {
          @Override
          public String name() {
            return "few";
          }

          @Override
          public Caller newCaller() {
            if (inner.opened.get() == 2) {
              throw new InfercException(Stage.RUN, "No third.", "Ask for two.");
            }
            return inner.newCaller();
          }
        };
    InfercException e =
        assertThrows(
            InfercException.class,
            () -> test(Load.constant(10)).workers(3).build().run(subject, FakeSubject.numbered()));
    assertEquals("No third.", e.problem());
    assertNothingLeft(inner, 2);
  }

  @Test
  void whatACallerThrowsEndsTheRun() {
    IllegalArgumentException wrong = new IllegalArgumentException("not such a request");
    FakeSubject refusing =
        new FakeSubject(
            place -> {
              throw wrong;
            });
    assertSame(
        wrong,
        assertThrows(
            IllegalArgumentException.class,
            () -> test(Load.closed(2)).build().run(refusing, FakeSubject.numbered())));
    assertNothingLeft(refusing, 2);
    FakeSubject broken =
        new FakeSubject(
            place -> {
              throw new IllegalStateException("a mistake");
            });
    InfercException e =
        assertThrows(
            InfercException.class,
            () ->
                test(Load.constant(100))
                    .workers(2)
                    .duration(Duration.ofMinutes(10))
                    .build()
                    .run(broken, FakeSubject.numbered()));
    assertTrue(e.problem().contains("a mistake"), e.problem());
    assertNothingLeft(broken, 2);
  }

  @Test
  void aCancelledRunEndsWhileItWaitsForWhatIsDueLater() {
    FakeSubject subject = quick();
    Cancellation cancellation = new Cancellation();
    assertThrows(
        CancelledException.class,
        () ->
            test(Load.replay(new long[] {0, TimeUnit.HOURS.toNanos(1)}, 1))
                .duration(Duration.ofHours(2))
                .workers(2)
                .cancellation(cancellation)
                .progress(
                    (stage, task, done, total) -> {
                      if (done > 0) {
                        cancellation.cancel();
                      }
                    })
                .build()
                .run(subject, FakeSubject.numbered()));
    assertEquals(List.of(0L), subject.asked);
    assertNothingLeft(subject, 2);
    assertThrows(
        CancelledException.class,
        () ->
            test(Load.closed(1))
                .cancellation(cancellation)
                .build()
                .run(quick(), FakeSubject.numbered()));
  }

  @Test
  void anInterruptEndsARunAndStays() throws InterruptedException {
    FakeSubject subject = quick();
    AtomicReference<Object> end = new AtomicReference<>();
    CountDownLatch running = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              try {
                test(Load.constant(100))
                    .duration(Duration.ofHours(1))
                    .workers(2)
                    .progress((stage, task, done, total) -> running.countDown())
                    .build()
                    .run(subject, FakeSubject.numbered());
              } catch (CancelledException e) {
                end.set(Thread.currentThread().isInterrupted());
              }
            });
    thread.start();
    running.await();
    thread.interrupt();
    thread.join();
    assertEquals(true, end.get());
    assertNothingLeft(subject, 2);
  }

  @Test
  void whatAListenerThrowsEndsTheRunAndReachesTheCaller() {
    FakeSubject subject = quick();
    IllegalStateException thrown = new IllegalStateException("enough");
    assertSame(
        thrown,
        assertThrows(
            IllegalStateException.class,
            () ->
                test(Load.constant(100))
                    .duration(Duration.ofHours(1))
                    .workers(2)
                    .progress(
                        (stage, task, done, total) -> {
                          throw thrown;
                        })
                    .build()
                    .run(subject, FakeSubject.numbered())));
    assertNothingLeft(subject, 2);
  }

  @Test
  void anInterruptThatASubjectLeavesDoesNotDisturbTheSchedule() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              Thread.currentThread().interrupt();
              return Answer.ok();
            });
    LoadRun run = test(Load.constant(100)).workers(2).build().run(subject, FakeSubject.numbered());
    assertEquals(30, run.outcomes().get(Outcome.OK));
    for (int i = 0; i < 30; i++) {
      assertTrue(run.samples().start(i) >= run.samples().intended(i));
    }
  }

  @Test
  void aRunIsAsLongAsTheRecordingThatItReplays() {
    LoadRun run =
        test(Load.replay(new long[] {0, 50_000_000, 100_000_000}, 1))
            .duration(Duration.ofHours(1))
            .workers(1)
            .build()
            .run(quick(), FakeSubject.numbered());
    assertEquals(3, run.outcomes().get(Outcome.OK));
    assertEquals(Duration.ofNanos(100_000_001), run.measured());
    assertEquals(30, run.offeredRate(), 1e-3);
  }

  @RetryingTest(3)
  void kindsHaveFiguresOfTheirOwn() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              FakeSubject.pause(place % 2 == 0 ? 0 : 20);
              return Answer.ok();
            });
    LoadRun run =
        test(Load.constant(20))
            .duration(Duration.ofSeconds(1))
            .workers(2)
            .build()
            .run(subject, FakeSubject.numbered());
    assertEquals(List.of("kind 0", "kind 1"), run.samples().kinds());
    assertEquals(10, run.latency("kind 0").count());
    assertTrue(run.latency("kind 1").percentile(1).value() >= 20);
    assertTrue(
        run.latency("kind 0").mean().orElseThrow() < run.latency("kind 1").mean().orElseThrow());
    assertThrows(IllegalArgumentException.class, () -> run.latency("kind 2"));
  }

  @RetryingTest(3)
  void onlyAnswersWithinTheLimitAreGoodput() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              FakeSubject.pause(place % 2 == 0 ? 0 : 300);
              return Answer.ok();
            });
    LoadRun run =
        test(Load.constant(20))
            .duration(Duration.ofSeconds(2))
            .workers(10)
            .latencyLimit(Duration.ofMillis(290))
            .build()
            .run(subject, FakeSubject.numbered());
    assertTrue(run.goodput().orElseThrow() <= 10);
    assertTrue(run.throughput() > run.goodput().orElseThrow());
    assertEquals(run.throughput(), run.goodput(Duration.ofHours(1)));
    assertTrue(test(Load.closed(1)).build().settings(quick()).latencyLimit().isEmpty());
  }

  @RetryingTest(3)
  void anotherThreadSeesAsManyInTheSystemAsTheSamplesSay() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              FakeSubject.pause(20);
              return Answer.ok();
            });
    LoadRun run =
        test(Load.constant(100))
            .duration(Duration.ofSeconds(2))
            .workers(8)
            .build()
            .run(subject, FakeSubject.numbered());
    double expected = run.offeredRate() * run.latency().mean().orElseThrow() / 1000;
    assertEquals(expected, run.observedInSystem().orElseThrow(), 0.3 * expected);
  }

  @RetryingTest(3)
  void processorTimeIsThatOfTheRequestsNotOfTheWaiting() {
    FakeSubject busy =
        new FakeSubject(
            place -> {
              long end = System.nanoTime() + 4_000_000;
              while (System.nanoTime() < end) {
                Thread.onSpinWait();
              }
              return Answer.ok();
            });
    LoadRun run =
        test(Load.constant(50))
            .duration(Duration.ofSeconds(2))
            .workers(1)
            .build()
            .run(busy, FakeSubject.numbered());
    // A process that compiles and collects meanwhile takes more, a thread that was put aside less.
    double seconds = run.cpuSecondsPerRequest().orElseThrow();
    assertTrue(seconds > 0.0005 && seconds < 0.05, "was " + seconds);
  }

  @Test
  void partsOfAnswersAreTimedFromTheIntendedStart() {
    FakeSubject subject =
        new FakeSubject(
            place -> {
              long now = System.nanoTime();
              return Answer.ok(
                  StreamTimes.of(new long[] {now, now + 3_000_000, now + 9_000_000}, 4));
            });
    LoadRun run = test(Load.constant(100)).workers(1).build().run(subject, FakeSubject.numbered());
    StreamFigures figures = run.streams().orElseThrow();
    assertEquals(30, figures.timeToFirstToken().count());
    assertEquals(60, figures.gapsBetweenParts().count());
    assertEquals(3, figures.timePerOutputToken().percentile(50).value(), 1e-9);
    assertEquals(3, figures.gapsBetweenParts().percentile(50).value(), 1e-9);
    assertEquals(6, figures.gapsBetweenParts().percentile(75).value(), 1e-9);
    assertEquals(4 * run.throughput(), figures.tokensPerSecond(), 1e-9);
    LoadSamples samples = run.samples();
    StreamTimes first = samples.stream(0);
    assertTrue(first != null && first.chunks()[0] >= samples.start(0));
    assertTrue(first != null && first.chunks()[0] <= samples.end(0));
    assertTrue(
        test(Load.constant(10)).build().run(quick(), FakeSubject.numbered()).streams().isEmpty());
  }

  @Test
  void settingsThatDoNotFitAreRefused() {
    LoadTest.Builder builder = test(Load.closed(3));
    assertThrows(IllegalArgumentException.class, () -> builder.workers(2));
    assertThrows(IllegalArgumentException.class, () -> builder.workers(0));
    assertThrows(IllegalArgumentException.class, () -> builder.duration(Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> builder.warmUp(Duration.ofNanos(-1)));
    assertThrows(IllegalArgumentException.class, () -> builder.drainLimit(Duration.ofNanos(-1)));
    assertThrows(IllegalArgumentException.class, () -> builder.lagShare(0));
    assertThrows(IllegalArgumentException.class, () -> builder.latencyLimit(Duration.ZERO));
    assertEquals(3, builder.workers(3).build().settings(quick()).workers());
  }

  @Test
  void looksThatCameLateAllowForWhatTheyMissed() {
    assertTrue(watched(0).inSystemError() < 0.1);
    double late = watched(1_000_000).inSystemError();
    assertTrue(late > 0.2, () -> "half of the looks were late, and the error is " + late);
  }

  /** What is seen of one request that stays, by looks of which every second is so late. */
  private static Observed watched(long late) {
    RunWatch watch = new RunWatch(new long[] {0}, 0, Long.MAX_VALUE, List.of());
    long base = System.nanoTime();
    for (int look = 0; look < 1000; look++) {
      watch.look(System.nanoTime(), base, look % 2 == 0 ? late : 0);
    }
    return watch.observed(System.nanoTime() - base);
  }
}

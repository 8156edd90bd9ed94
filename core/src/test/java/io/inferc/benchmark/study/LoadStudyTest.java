package io.inferc.benchmark.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.BudgetSentences;
import io.inferc.benchmark.Cost;
import io.inferc.benchmark.load.Interaction;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadRounds;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.ProcessRounds;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.study.GateResult.Verdict;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junitpioneer.jupiter.RetryingTest;

@Timeout(120)
class LoadStudyTest {
  private static final Requests REQUESTS = Requests.of(new PromptRequest("", "", 1));

  private static Variant variant(String name, long millis) {
    return Variant.of(name, subject(millis));
  }

  private static Subject subject(long millis) {
    return Subject.of(
        "slept",
        request -> {
          try {
            Thread.sleep(millis);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static LoadStudy.Builder study(Load load) {
    return LoadStudy.builder(load)
        .warmUp(Duration.ofMillis(20))
        .duration(Duration.ofMillis(600))
        .searchRun(Duration.ofMillis(40))
        .blocks(6)
        .workers(1);
  }

  @RetryingTest(3)
  void aFasterVariantIsToldInThreeSentencesAndPassesItsGates() {
    StudyResult result =
        study(Load.constant(100))
            .limit(50, Duration.ofMillis(12))
            .cost(Cost.rented(1.2, "EUR"))
            .gate(Gate.notSlower(50, 0.05))
            .gate(Gate.within(50, Duration.ofMillis(12)))
            .gate(Gate.throughputGain(1.1))
            .gate(Gate.throughputGain(1000))
            .build()
            .run(
                List.of(variant("slow", 5), variant("fast", 1).cost(Cost.rented(2.4, "EUR"))),
                REQUESTS);
    assertEquals(List.of("slow", "fast", "slow again"), result.rounds().subjects());
    assertTrue(result.environment().noise().isPresent());
    BudgetSentences said = result.sentences(1).orElseThrow();
    assertTrue(said.throughput().contains("fast serves "), said.throughput());
    assertTrue(said.throughput().contains("P50 within 12ms"), said.throughput());
    assertTrue(said.latency().contains("constant:100"), said.latency());
    assertTrue(said.cost().contains("EUR"), said.cost());
    assertEquals(2.4, result.variants().get(1).cost().perHour());
    Map<String, Verdict> gates =
        result.gates().stream().collect(Collectors.toMap(GateResult::gate, GateResult::verdict));
    assertEquals(Verdict.PASSED, gates.get("P50 at most 5 % above the baseline's"));
    assertEquals(Verdict.PASSED, gates.get("P50 within 12 ms"));
    assertNotEquals(Verdict.FAILED, gates.get("at least 1.1 times the baseline's throughput"));
    assertEquals(Verdict.FAILED, gates.get("at least 1000 times the baseline's throughput"));
    assertFalse(result.passes());
    Startup startup = result.variants().get(0).startup();
    assertTrue(startup.firstRequest().toMillis() >= 5, startup::toString);
    assertEquals(Optional.empty(), startup.opening());
  }

  @RetryingTest(3)
  void aSlowerVariantFailsItsGate() {
    StudyResult result =
        study(Load.constant(30))
            .withoutSearch()
            .noise(false)
            .gate(Gate.notSlower(50, 0.05))
            .gate(Gate.within(50, Duration.ofMillis(5)))
            .gate(Gate.throughputGain(1))
            .build()
            .run(List.of(variant("fast", 1), variant("slow", 16)), REQUESTS);
    List<Verdict> verdicts = result.gates().stream().skip(1).map(GateResult::verdict).toList();
    assertEquals(
        List.of(Verdict.FAILED, Verdict.FAILED, Verdict.NOT_SHOWN),
        verdicts,
        result.gates()::toString);
    assertEquals(Optional.empty(), result.sentences(1));
    assertEquals(Optional.empty(), result.environment().noise());
    assertEquals(2, result.rounds().subjects().size());
  }

  @RetryingTest(3)
  void aBaselineAloneIsMeasuredAndHeldToItsGates() {
    StudyResult result =
        study(Load.closed(1))
            .withoutSearch()
            .noise(false)
            .gate(Gate.within(50, Duration.ofSeconds(1)))
            .gate(Gate.notSlower(50, 0.05))
            .gate(Gate.throughputGain(1))
            .build()
            .run(List.of(variant("alone", 1).batches(batch -> REQUESTS, 1, 2)), REQUESTS);
    assertEquals(
        List.of(Verdict.PASSED, Verdict.PASSED, Verdict.NOT_SHOWN, Verdict.NOT_SHOWN),
        result.gates().stream().map(GateResult::verdict).toList(),
        result.gates()::toString);
    assertEquals(
        List.of(1, 2), result.variants().get(0).batches().stream().map(b -> b.batch()).toList());
  }

  @RetryingTest(3)
  void theBaselinesOwnLatencyIsTheLimitWhereNoneWasSet() {
    StudyResult result =
        study(Load.constant(40))
            .searchRun(Duration.ofMillis(10))
            .build()
            .run(List.of(variant("a", 5), variant("b", 5)), REQUESTS);
    // Two dozen requests have no upper bound of their P95.
    double own = result.rounds().of(0).latency().percentile(95).value();
    assertEquals(own, result.limits().orElseThrow().limit().toNanos() / 1e6, 1e-3);
  }

  @RetryingTest(3)
  void fourVariantsTellWhetherGainsAdd() {
    StudyResult result =
        study(Load.constant(30))
            .withoutSearch()
            .noise(false)
            .factorial()
            .build()
            .run(
                List.of(
                    variant("neither", 16),
                    variant("first", 8),
                    variant("second", 8),
                    variant("both", 8)),
                REQUESTS);
    assertEquals(Interaction.Verdict.LESS_THAN_ADDED, result.interaction().orElseThrow().verdict());
    assertEquals(3, result.gates().size());
  }

  @Test
  void aVariantThatDoesNotAnswerIsToldAtOnceAndTheOthersAreClosed() {
    Variant broken =
        Variant.of(
            "broken",
            Subject.of(
                "b",
                request -> {
                  throw new IllegalStateException("no weights");
                }));
    LoadStudy study = study(Load.constant(30)).build();
    InfercException e =
        assertThrows(
            InfercException.class, () -> study.run(List.of(variant("good", 1), broken), REQUESTS));
    assertTrue(e.getMessage().contains("study broken"), e.getMessage());
    assertTrue(e.getMessage().contains("no weights"), e.getMessage());
  }

  @RetryingTest(3)
  void requestsThatFailMakeTheStudyVoid() {
    int[] asked = {0};
    Variant halting =
        Variant.of(
            "halting",
            Subject.of(
                "h",
                request -> {
                  if (++asked[0] > 4) {
                    throw new IllegalStateException("worn out");
                  }
                }));
    StudyResult result =
        study(Load.constant(30))
            .noise(false)
            .withoutSearch()
            .gate(Gate.notSlower(50, 0.05))
            .gate(Gate.within(50, Duration.ofSeconds(1)))
            .build()
            .run(List.of(variant("good", 1), halting), REQUESTS);
    assertFalse(result.voidReasons().isEmpty());
    assertFalse(result.passes());
    assertEquals(Verdict.NOT_SHOWN, result.gates().get(0).verdict());
    assertTrue(result.gates().get(0).explanation().contains("worn out"), result.gates()::toString);
    assertEquals(Verdict.NOT_SHOWN, result.gates().get(1).verdict(), result.gates()::toString);
    assertEquals(Verdict.FAILED, result.gates().get(2).verdict(), result.gates()::toString);
  }

  @RetryingTest(3)
  void processesThatCannotBeTrustedMakeTheStudyOneThatCannot() {
    Subject failing =
        Subject.of(
            "f",
            request -> {
              throw new IllegalStateException("worn out");
            });
    LoadStudy study = study(Load.constant(30)).noise(false).withoutSearch().build();
    StudyResult result = study.run(List.of(variant("a", 1), variant("b", 1)), REQUESTS);
    LoadTest test =
        LoadTest.builder(Load.constant(30))
            .warmUp(Duration.ZERO)
            .duration(Duration.ofMillis(300))
            .blocks(5)
            .workers(1)
            .build();
    LoadRounds good =
        test.compare(List.of(named("a", subject(1)), named("b", subject(1))), REQUESTS);
    LoadRounds bad = test.compare(List.of(named("a", subject(1)), named("b", failing)), REQUESTS);
    StudyResult joined = result.withProcesses(new ProcessRounds(List.of(good, bad)));
    assertEquals(Verdict.NOT_SHOWN, joined.gates().get(0).verdict());
    assertTrue(
        joined.gates().get(0).explanation().contains("Process 2: b: "), joined.gates()::toString);
    assertFalse(joined.passes());
    LoadRounds others = test.compare(List.of(subject(1), subject(1)), REQUESTS);
    ProcessRounds strangers = new ProcessRounds(List.of(others, others));
    assertThrows(IllegalArgumentException.class, () -> result.withProcesses(strangers));
  }

  private static Subject named(String name, Subject subject) {
    return new Subject() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Caller newCaller() {
        return subject.newCaller();
      }
    };
  }

  @Test
  void whatFailsAfterTheRoundsLosesNothing() {
    int[] asked = {0};
    Requests running =
        index -> {
          if (++asked[0] > 5000) {
            throw new IllegalArgumentException("used up");
          }
          return REQUESTS.get(index);
        };
    Variant batched =
        variant("a", 1)
            .batches(
                batch -> {
                  throw new IllegalArgumentException("no such batch");
                },
                1);
    StudyResult result =
        study(Load.constant(30))
            .noise(false)
            .withoutSearch()
            .build()
            .run(List.of(batched), running);
    assertEquals(List.of(), result.variants().get(0).batches());
    assertTrue(
        result.missing().get(0).contains("sizes of batch of a, but: no such batch"),
        result.missing()::toString);
  }

  @RetryingTest(3)
  void aPercentileOfTooFewRequestsIsNotShown() {
    StudyResult result =
        study(Load.constant(30))
            .noise(false)
            .withoutSearch()
            .gate(Gate.notSlower(95, 10))
            .build()
            .run(List.of(variant("a", 1), variant("b", 1)), REQUESTS);
    GateResult gate = result.gates().get(1);
    assertEquals(Verdict.NOT_SHOWN, gate.verdict());
    assertTrue(gate.explanation().contains("its P95 takes 20"), gate::explanation);
  }

  @RetryingTest(3)
  void pausesWithoutRequestsAreNoTurns() {
    StudyResult result =
        study(Load.bursts(100, Duration.ofMillis(100), 0, Duration.ofMillis(100)))
            .duration(Duration.ofMillis(1200))
            .blocks(12)
            .noise(false)
            .withoutSearch()
            .build()
            .run(List.of(variant("a", 1), variant("b", 1)), REQUESTS);
    assertTrue(
        result.rounds().rounds().stream().anyMatch(r -> r.runs().get(0).requests() == 0),
        "no pause");
    assertTrue(result.latency(1, 50).isPresent());
  }

  @RetryingTest(3)
  void requestsThatPileUpWithinBlocksMakeTheStudyVoid() {
    StudyResult result =
        study(Load.constant(100))
            .noise(false)
            .withoutSearch()
            .build()
            .run(List.of(variant("behind", 15)), REQUESTS);
    assertTrue(
        result.voidReasons().get(0).contains("behind: requests pile up within its blocks"),
        result.voidReasons()::toString);
  }

  @Test
  void aCancelledStudyEnds() {
    Cancellation cancellation = new Cancellation();
    List<String> tasks = new ArrayList<>();
    LoadStudy study =
        study(Load.constant(30))
            .cancellation(cancellation)
            .progress(
                (stage, task, done, total) -> {
                  tasks.add(task);
                  if (task.startsWith("searching")) {
                    cancellation.cancel();
                  }
                })
            .build();
    assertThrows(
        CancelledException.class,
        () -> study.run(List.of(variant("a", 1), variant("b", 1)), REQUESTS));
    assertTrue(tasks.get(0).contains("opening a"), tasks::toString);
  }

  @Test
  void whatIsNoStudyIsRefused() {
    LoadStudy study = study(Load.constant(30)).build();
    assertThrows(IllegalArgumentException.class, () -> study.run(List.of(), REQUESTS));
    assertThrows(
        IllegalArgumentException.class,
        () -> study.run(List.of(variant("a", 1), variant("a", 1)), REQUESTS));
    LoadStudy factorial = study(Load.constant(30)).factorial().build();
    assertThrows(
        IllegalArgumentException.class,
        () -> factorial.run(List.of(variant("a", 1), variant("b", 1)), REQUESTS));
    LoadStudy.Builder day = study(Load.daily(10, 2, Duration.ofHours(24)));
    assertThrows(IllegalArgumentException.class, day::build);
    day.withoutSearch().build();
    LoadStudy.Builder rare =
        study(Load.bursts(400, Duration.ofMinutes(1), 50, Duration.ofMinutes(9)));
    assertThrows(IllegalArgumentException.class, rare::build);
    LoadStudy.Builder builder = study(Load.constant(30));
    assertThrows(IllegalArgumentException.class, () -> builder.duration(Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> builder.warmUp(Duration.ofMillis(-1)));
    assertThrows(IllegalArgumentException.class, () -> builder.limit(100, Duration.ofMillis(1)));
    assertThrows(IllegalArgumentException.class, () -> builder.limit(95, Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> builder.searchRun(Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> variant(" ", 1));
    assertThrows(IllegalArgumentException.class, () -> variant("a", 1).batches(b -> REQUESTS));
    assertThrows(IllegalArgumentException.class, () -> variant("a", 1).batches(b -> REQUESTS, 0));
    assertThrows(IllegalArgumentException.class, () -> Gate.notSlower(0, 0));
    assertThrows(IllegalArgumentException.class, () -> Gate.within(95, Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> Gate.notSlower(95, -0.1));
    assertThrows(IllegalArgumentException.class, () -> Gate.throughputGain(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Work("FP32", 0, 1));
  }
}

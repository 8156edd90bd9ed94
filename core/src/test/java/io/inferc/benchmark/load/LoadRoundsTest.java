package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.statistics.NestedEstimate;
import io.inferc.common.InfercException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junitpioneer.jupiter.RetryingTest;

@Timeout(60)
class LoadRoundsTest {
  private static final int ROUNDS = 6;

  private static FakeSubject of(long millis) {
    return new FakeSubject(
        place -> {
          FakeSubject.pause(millis);
          return Answer.ok();
        });
  }

  private static LoadTest test() {
    return LoadTest.builder(Load.constant(60))
        .warmUp(Duration.ofMillis(20))
        .duration(Duration.ofMillis(600))
        .blocks(6)
        .workers(1)
        .lagShare(1000)
        .build();
  }

  @Test
  void allSubjectsHaveABlockInEachRoundInAnOrderThatIsDrawn() {
    List<FakeSubject> subjects = List.of(of(0), of(1), of(2));
    LoadRounds rounds = test().compare(subjects, FakeSubject.numbered());
    assertEquals(6, rounds.rounds().size());
    Set<List<Integer>> orders = new HashSet<>();
    for (LoadRounds.Round round : rounds.rounds()) {
      orders.add(round.order());
      LoadSamples first = round.runs().get(0).samples();
      for (LoadRun run : round.runs()) {
        assertEquals(
            IntStream.range(0, first.size()).mapToObj(first::intended).toList(),
            IntStream.range(0, first.size()).mapToObj(run.samples()::intended).toList());
      }
    }
    assertTrue(orders.size() > 1, () -> "one order only: " + orders);
    for (FakeSubject subject : subjects) {
      assertEquals(subjects.get(0).asked, subject.asked);
      assertEquals(1, subject.opened.get());
      assertEquals(1, subject.closed.get());
    }
    LoadComparison comparison = rounds.comparison(2, 0);
    assertEquals(
        rounds.rounds().get(3).runs().get(0), comparison.blocks().get(3).candidate(), "mixed up");
    assertEquals(
        rounds.rounds().get(3).runs().get(2), comparison.blocks().get(3).baseline(), "mixed up");
    assertEquals(
        rounds.rounds().get(3).order().indexOf(2) < rounds.rounds().get(3).order().indexOf(0),
        comparison.blocks().get(3).baselineFirst());
  }

  @RetryingTest(3)
  void theBlocksOfASubjectAreTakenTogether() {
    LoadRounds rounds =
        test()
            .compare(
                List.of(
                    of(0),
                    new FakeSubject(
                        place ->
                            place % 2 == 0
                                ? Answer.failed(Answer.Outcome.FAILED, "even")
                                : Answer.ok())),
                FakeSubject.numbered());
    LoadBlocks second = rounds.of(1);
    long requests =
        rounds.rounds().stream().mapToLong(round -> round.runs().get(1).requests()).sum();
    assertEquals(requests, second.requests());
    assertEquals(36, requests);
    assertEquals(18, second.failed());
    assertEquals(18, second.outcomes().get(Answer.Outcome.FAILED));
    assertEquals(18, second.latency().count());
    // Half of 60, less those that end after their block.
    assertEquals(30, second.throughput(), 10);
    assertEquals(List.of(), rounds.of(0).voidReasons());
    assertEquals(rounds.voidReasons(), second.voidReasons());
    assertTrue(
        second.voidReasons().get(0).contains("18 requests failed (even)"),
        second.voidReasons()::toString);
  }

  @Test
  void gainsThatDoNotTouchEachOtherMultiply() {
    assertEquals(Interaction.Verdict.NO_INTERACTION_SHOWN, interaction(20, 16, 10, 8).verdict());
    Interaction less = interaction(16, 2, 2, 16);
    assertEquals(Interaction.Verdict.LESS_THAN_ADDED, less.verdict(), less::toString);
    assertTrue(less.first().ratio() < 0.2, less::toString);
    Interaction more = interaction(16, 16, 16, 1);
    assertEquals(Interaction.Verdict.MORE_THAN_ADDED, more.verdict(), more::toString);
    assertTrue(more.toString().contains("more than added"), more::toString);
  }

  private static Interaction interaction(double... millis) {
    return made(ROUNDS, millis).interaction(0, 1, 2, 3, 50);
  }

  /** Rounds in which subjects take so long, give or take a tenth. */
  private static LoadRounds made(int rounds, double... millis) {
    List<List<LoadRun>> runs = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      List<LoadRun> each = new ArrayList<>();
      for (double served : millis) {
        double varied = served * (0.9 + 0.02 * ((7 * round + 3 * each.size()) % 11));
        each.add(run(Load.constant(20), varied));
      }
      runs.add(each);
    }
    return MadeLoad.rounds(
        test().settings(of(0)),
        IntStream.range(0, millis.length).mapToObj(i -> "subject " + i).toList(),
        runs);
  }

  private static LoadRun run(Load.Open load, double served) {
    Duration length = Duration.ofSeconds(1);
    return MadeLoad.run(
        "made",
        MadeLoad.settings(load, length, Optional.empty()),
        load,
        length,
        1,
        place -> MadeLoad.Fate.ok(served));
  }

  @Test
  void roundsWithoutRequestsTellNothingAndDisturbNothing() {
    LoadRounds busy = made(ROUNDS, 20, 16, 10, 8);
    List<LoadRounds.Round> withPauses = new ArrayList<>(busy.rounds());
    LoadRun pause = run(Load.poisson(1e-6), 1);
    assertEquals(0, pause.requests());
    withPauses.add(3, new LoadRounds.Round(Collections.nCopies(4, pause), List.of(0, 1, 2, 3)));
    LoadRounds paused = new LoadRounds(busy.settings(), busy.subjects(), withPauses);
    assertEquals(busy.interaction(0, 1, 2, 3, 50), paused.interaction(0, 1, 2, 3, 50));
    assertTrue(paused.comparison(0, 1).isComparable(95));
    assertEquals(
        busy.comparison(0, 1).latency(50).ratio(), paused.comparison(0, 1).latency(50).ratio());
    assertEquals(
        busy.comparison(0, 1).throughput().orElseThrow().ratio(),
        paused.comparison(0, 1).throughput().orElseThrow().ratio());
    assertEquals(
        busy.comparison(0, 1).baselineSteadiness(), paused.comparison(0, 1).baselineSteadiness());
    assertEquals(List.of(), paused.voidReasons());
    LoadRounds nothing =
        MadeLoad.rounds(test().settings(of(0)), List.of("a"), List.of(List.of(pause)));
    assertEquals(List.of("a: none of 0 requests was answered well."), nothing.voidReasons());
    assertEquals(Optional.empty(), made(4, 20, 16).comparison(0, 1).throughput());
    LoadRounds few = made(4, 20, 16, 10, 8);
    assertFalse(few.comparison(0, 1).isComparable(50));
    assertThrows(IllegalArgumentException.class, () -> few.interaction(0, 1, 2, 3, 50));
  }

  @Test
  void roundsAreReadAsTheyWereWritten(@TempDir Path folder) throws IOException {
    LoadRounds rounds = test().compare(List.of(of(0), of(1)), FakeSubject.numbered());
    rounds.write(folder.resolve("rounds"));
    LoadRounds read = LoadRounds.read(folder.resolve("rounds"));
    assertEquals(rounds.subjects(), read.subjects());
    assertEquals(rounds.settings(), read.settings());
    for (int i = 0; i < rounds.rounds().size(); i++) {
      assertEquals(rounds.rounds().get(i).order(), read.rounds().get(i).order());
    }
    assertArrayEquals(rounds.of(1).latency().toArray(), read.of(1).latency().toArray());
    Path index = folder.resolve("rounds").resolve("rounds.bin");
    byte[] bytes = Files.readAllBytes(index);
    Files.write(index, Arrays.copyOf(bytes, bytes.length - 1));
    InfercException cut =
        assertThrows(InfercException.class, () -> LoadRounds.read(folder.resolve("rounds")));
    assertTrue(cut.getMessage().contains("ends too early"), cut.getMessage());
    bytes[3]++;
    Files.write(index, bytes);
    assertThrows(InfercException.class, () -> LoadRounds.read(folder.resolve("rounds")));
    assertThrows(InfercException.class, () -> LoadRounds.read(folder));
    Files.createFile(folder.resolve("file"));
    assertThrows(InfercException.class, () -> rounds.write(folder.resolve("file")));
  }

  @Test
  void whatIsWrittenInPartOverOlderRoundsIsNotRead(@TempDir Path folder) throws IOException {
    LoadRounds rounds = test().compare(List.of(of(0)), FakeSubject.numbered());
    rounds.write(folder);
    assertEquals(6, LoadRounds.read(folder).rounds().size());
    Path last = folder.resolve("round-5-subject-0.run");
    byte[] older = Files.readAllBytes(last);
    Files.delete(last);
    Files.createFile(Files.createDirectory(last).resolve("in the way"));
    assertThrows(InfercException.class, () -> rounds.write(folder));
    Files.delete(last.resolve("in the way"));
    Files.delete(last);
    Files.write(last, older);
    assertThrows(InfercException.class, () -> LoadRounds.read(folder));
  }

  @Test
  void roundsOfSeveralProcessesAreComparedWithTheVariationBetweenThem() {
    List<LoadRounds> processes =
        List.of(made(ROUNDS, 4, 16), made(ROUNDS, 4, 18), made(ROUNDS, 4, 20));
    ProcessRounds rounds = new ProcessRounds(processes);
    NestedEstimate estimate = rounds.latency(0, 1, 50);
    assertEquals(3, estimate.first().processes());
    assertEquals(4.5, estimate.ratio().ratio(), 0.2);
    assertTrue(estimate.ratio().low() < 4.1 && estimate.ratio().high() > 4.9, estimate::toString);
    List<LoadRounds> one = processes.subList(0, 1);
    assertThrows(IllegalArgumentException.class, () -> new ProcessRounds(one));
    LoadRounds other = test().compare(List.of(of(1)), FakeSubject.numbered());
    assertThrows(
        IllegalArgumentException.class, () -> new ProcessRounds(List.of(other, processes.get(0))));
  }

  @Test
  void callersThatDidNotComeBackAreNotAskedAgain() {
    try (Callers callers = Callers.open(of(0), 2)) {
      callers.requireFree();
      callers.slots().get(1).enter();
      InfercException e = assertThrows(InfercException.class, callers::requireFree);
      assertTrue(e.problem().contains("1 of its 2 callers still wait"), e.problem());
      callers.slots().get(1).leave();
      callers.requireFree();
    }
  }

  @Test
  void whatIsNoPlanIsRefused() {
    LoadTest test = test();
    assertThrows(
        IllegalArgumentException.class, () -> test.compare(List.of(), FakeSubject.numbered()));
    LoadRounds rounds = test.compare(List.of(of(0)), FakeSubject.numbered());
    assertThrows(IndexOutOfBoundsException.class, () -> rounds.of(1));
    assertThrows(IndexOutOfBoundsException.class, () -> rounds.comparison(0, 1));
    List<LoadRun> runs = rounds.rounds().get(0).runs();
    for (List<Integer> order : List.of(List.<Integer>of(), List.of(1), List.of(0, 0))) {
      assertThrows(IllegalArgumentException.class, () -> new LoadRounds.Round(runs, order));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new LoadRounds(rounds.settings(), List.of("a", "b"), rounds.rounds()));
  }
}

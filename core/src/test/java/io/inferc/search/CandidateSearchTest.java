package io.inferc.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.accuracy.Metric;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.Workload;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompilationReport.Outcome;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.FunctionModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who wins, by made measurements: what each model costs is told, not timed. */
class CandidateSearchTest {
  private static final Tolerance CLOSE =
      Tolerance.custom().named("close").limit(Metric.MAX_ABSOLUTE_ERROR, 0.1).build();
  private static final double NANOS = 1e9;

  private final Map<String, Double> costs = new HashMap<>();
  private final Map<String, Double> millis = new HashMap<>();
  private final Map<String, Boolean> outsideLimit = new HashMap<>();
  private final List<FunctionModel> made = new ArrayList<>();
  private final List<String> races = new ArrayList<>();
  private double now;
  private double makingSeconds;
  private double noise = 0.01;

  private static Dataset samples(float first) {
    return Dataset.generated(20, i -> Map.of("x", Tensor.of(new float[] {first + i, 1, 2, 3}, 4)));
  }

  /** A model that is off by so much, on values from 100 on by as much as is said for those. */
  private FunctionModel model(String name, double error, double errorBeyond) {
    FunctionModel model =
        FunctionModel.named(name)
            .input("x", DataType.FLOAT32, "4")
            .output("y", DataType.FLOAT32, "4")
            .computing(
                inputs -> {
                  float[] x = inputs.get("x").toFloatArray();
                  double wrong = x[0] >= 100 ? errorBeyond : error;
                  for (int i = 0; i < x.length; i++) {
                    x[i] += (float) wrong;
                  }
                  return Map.of("y", Tensor.of(x, 4));
                });
    made.add(model);
    return model;
  }

  private Candidate candidate(String name, double cost, double error) {
    return candidate(name, cost, error, error);
  }

  private Candidate candidate(String name, double cost, double error, double errorBeyond) {
    Candidate candidate =
        new Candidate(
            Target.backend("function").choices().get(0),
            name,
            time -> {
              now += makingSeconds;
              return model(name, error, errorBeyond);
            });
    costs.put(candidate.key(), cost);
    return candidate;
  }

  private RaceResult race(Map<String, CompiledModel> models, Pace pace, int rounds) {
    races.add(rounds + ": " + models.keySet());
    now += pace.race(models.size(), rounds).toNanos() / NANOS;
    Map<String, RaceResult.Figures> figures = new LinkedHashMap<>();
    models.keySet().forEach(name -> figures.put(name, figures(name, rounds)));
    return new RaceResult(figures);
  }

  private RaceResult.Figures figures(String name, int rounds) {
    List<Double> cost = new ArrayList<>();
    List<Double> latency = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      double wave = 1 + noise * Math.sin(name.hashCode() + 2.1 * i);
      cost.add(costs.get(name) * wave);
      latency.add(millis.getOrDefault(name, costs.get(name)) * wave);
    }
    return new RaceResult.Figures(cost, latency, !outsideLimit.getOrDefault(name, false));
  }

  private CandidateSearch search(Candidate original, Candidate... candidates) {
    Workload request = Workload.of("four", Map.of("x", Tensor.of(new float[4], 4)));
    return CandidateSearch.of(original, List.of(candidates))
        .samples(samples(0), samples(100), CLOSE)
        .measure(RequestMix.of(request), Objective.latency())
        .clock(() -> Math.round(now * NANOS))
        .racer(this::race);
  }

  private Candidate original() {
    return candidate("as given", 10, 0);
  }

  private static CompilationReport.Candidate row(CandidateResult result, String precision) {
    return result.report().candidates().stream()
        .filter(c -> c.precision().equals(precision))
        .findFirst()
        .orElseThrow();
  }

  private static void says(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), () -> "'" + part + "' is not in: " + text);
    }
  }

  private List<String> open() {
    return made.stream().filter(m -> !m.isClosed()).map(FunctionModel::name).toList();
  }

  @Test
  void theFastestOfThoseThatAreRightWins() {
    CandidateResult result =
        search(
                original(),
                candidate("wrong", 1, 5),
                candidate("slow", 14, 0),
                candidate("good", 5, 0.01),
                candidate("best", 3, 0.01))
            .run();
    assertEquals("best", result.best().precision());
    assertEquals("best", result.model().name());
    assertEquals(List.of("best"), open());
    assertTrue(result.accuracy().orElseThrow().passed());
    assertEquals(
        List.of(Outcome.CHOSEN, Outcome.SLOWER, Outcome.SLOWER, Outcome.INACCURATE),
        result.report().candidates().stream().map(c -> c.outcome()).toList());
    assertEquals(10 / 3.0, row(result, "best").gain().orElseThrow().ratio(), 0.1);
    says(row(result, "wrong").reason(), "tolerance", "though it is better");
    says(row(result, "slow").reason(), "not better than the original");
    says(row(result, "good").reason(), "behind", "best");
    says(result.report().verdict(), "best", "20 samples", "median latency");
    assertTrue(result.report().complete());
  }

  @Test
  void whereNothingIsBetterTheOriginalStays() {
    CandidateResult result =
        search(original(), candidate("alike", 10, 0), candidate("wrong", 2, 1)).run();
    assertEquals("as given", result.best().precision());
    assertEquals(List.of("as given"), open());
    assertTrue(result.accuracy().isEmpty());
    assertEquals("as given", result.report().chosen().orElseThrow().precision());
    says(result.report().verdict(), "stays as it was given", "Of 2 candidates");
  }

  @Test
  void oneThatFailsIsReportedAndDisturbsNobody() {
    Candidate failing =
        new Candidate(
            Target.backend("broken").choices().get(0),
            "INT8",
            time -> {
              throw new InfercException(Stage.COMPILE, "Tried and could not.", "Do not.");
            });
    CandidateResult result = search(original(), failing, candidate("good", 5, 0)).run();
    assertEquals("good", result.best().precision());
    assertEquals(Outcome.FAILED, row(result, "INT8").outcome());
    says(row(result, "INT8").reason(), "Tried and could not.");
  }

  @Test
  void whatIsWrongOnSamplesNotChosenByGivesWayToTheNext() {
    CandidateResult result =
        search(original(), candidate("overfitted", 2, 0, 3), candidate("sound", 4, 0)).run();
    assertEquals("sound", result.best().precision());
    assertEquals(Outcome.INACCURATE, row(result, "overfitted").outcome());
    says(row(result, "overfitted").reason(), "but not on others");
    assertEquals(List.of("sound"), open());
  }

  @Test
  void onlyTheBetterHalfIsMeasuredAgain() {
    Candidate[] many = new Candidate[12];
    for (int i = 0; i < many.length; i++) {
      many[i] = candidate("number " + i, 9 - 0.5 * i, 0);
    }
    CandidateResult result = search(original(), many).run();
    assertEquals("number 11", result.best().precision());
    List<String> again = races.subList(many.length, races.size());
    assertFalse(again.isEmpty());
    again.forEach(r -> assertTrue(r.split(",").length <= 5, r));
    assertEquals(1, open().size());
  }

  @Test
  void optionsMustBeBetterForCertain() {
    Candidate leader = candidate("leader", 5, 0);
    Candidate alike = candidate("alike", 4.99, 0);
    Candidate better = candidate("better", 4, 0);
    CandidateSearch.Refiner refiner = refiner(Map.of(leader, List.of(alike, better)));
    CandidateResult result = search(original(), leader).refiner(refiner).run();
    assertEquals(better, result.best());
    says(row(result, "alike").reason(), "not for certain better");
    says(row(result, "leader").reason(), "behind");
  }

  private static CandidateSearch.Refiner refiner(Map<Candidate, List<Candidate>> variants) {
    return new CandidateSearch.Refiner() {
      @Override
      public List<Candidate> variants(Candidate leader) {
        return variants.getOrDefault(leader, List.of());
      }
    };
  }

  @Test
  void whereNothingLeadsOptionsOfTheOriginalAreTried() {
    Candidate first = original();
    Candidate tuned = candidate("tuned", 8, 0);
    CandidateResult result =
        search(first, candidate("slow", 14, 0))
            .refiner(refiner(Map.of(first, List.of(candidate("alike", 10, 0), tuned))))
            .run();
    assertEquals(tuned, result.best());
    assertEquals(Outcome.SLOWER, row(result, "alike").outcome());
  }

  @Test
  void theTurnsOfALimitCountAsTime() {
    assertEquals(1, Runner.warmUps(Objective.throughput(8)));
    Duration limit = Duration.ofMillis(5);
    assertEquals(2, Runner.warmUps(Objective.throughput(1, limit)));
    // One, and one each of 1, 2, 4, 8 and 9 callers.
    assertEquals(6, Runner.warmUps(Objective.throughput(9, limit)));
    assertEquals(5, Runner.warmUps(Objective.throughput(8, limit)));
  }

  private CandidateResult trimmed(double cost) {
    Candidate leader = candidate("leader", 5, 0);
    Candidate fewer = candidate("fewer", cost, 0);
    return search(original(), leader)
        .refiner(
            new CandidateSearch.Refiner() {
              @Override
              public Optional<Candidate> trimmed(Candidate c, Duration time) {
                return Optional.of(fewer);
              }
            })
        .run();
  }

  @Test
  void fewerReducedLayersAreBetterUnlessSlowerForCertain() {
    assertEquals("fewer", trimmed(5.0).best().precision());
    assertEquals("leader", trimmed(6.0).best().precision());
  }

  @Test
  void aMixTakesThePlaceOfWhatIsFastAndWrong() {
    Candidate wrong = candidate("wrong", 2, 1);
    Candidate mix = candidate("mix", 3, 0.05);
    CandidateResult result =
        search(original(), wrong, candidate("good", 6, 0))
            .refiner(
                new CandidateSearch.Refiner() {
                  @Override
                  public Optional<Candidate> mix(Candidate c) {
                    return c.equals(wrong) ? Optional.of(mix) : Optional.empty();
                  }
                })
            .run();
    assertEquals(mix, result.best());
  }

  @Test
  void whatWasMeasuredIsNotMeasuredAgain(@TempDir Path folder) {
    Path file = folder.resolve("search.json");
    Candidate[] all = {candidate("good", 5, 0), candidate("best", 3, 0), candidate("wrong", 1, 1)};
    Candidate first = original();
    CandidateResult once = search(first, all).resume(file, "the same").run();
    int racesThen = races.size();
    int madeThen = made.size();
    CandidateResult again = search(first, all).resume(file, "the same").run();
    assertEquals(once.best(), again.best());
    assertEquals(once.report().candidates(), again.report().candidates());
    assertEquals(racesThen, races.size());
    // The original, and the winner.
    assertEquals(madeThen + 2, made.size());
    CandidateSearch other = search(first, all).resume(file, "another");
    says(assertThrows(InfercException.class, other::run).getMessage(), "another");
  }

  @Test
  void whatDoesNotFitIsNotTriedAndTheBudgetIsKept() {
    makingSeconds = 7;
    Candidate[] many = new Candidate[20];
    for (int i = 0; i < many.length; i++) {
      many[i] = candidate("number " + i, 5 + 0.1 * i, 0);
    }
    CandidateResult result = search(original(), many).budget(Duration.ofSeconds(60)).run();
    assertTrue(now > 40 && now < 66, () -> now + " s");
    assertEquals("number 0", result.best().precision());
    assertFalse(result.report().complete());
    assertEquals(Outcome.NOT_TRIED, row(result, "number 19").outcome());
    says(result.report().toString(), "time was up");
  }

  @Test
  void anObjectiveHasLimitsOfItsOwn() {
    Workload request = Workload.of("four", Map.of("x", Tensor.of(new float[4], 4)));
    Candidate small = candidate("small and slow", 2, 0);
    Candidate fair = candidate("fair", 5, 0);
    millis.put(small.key(), 40.0);
    millis.put(fair.key(), 12.0);
    CandidateResult result =
        search(original(), small, fair)
            .measure(RequestMix.of(request), Objective.memory(1.5))
            .run();
    assertEquals(fair, result.best());
    says(row(result, "small and slow").reason(), "1.5 is allowed");

    Candidate late = candidate("late", 1, 0);
    outsideLimit.put(late.key(), true);
    CandidateResult limited =
        search(original(), late, candidate("in time", 5, 0))
            .measure(RequestMix.of(request), Objective.throughput(4, Duration.ofMillis(20)))
            .run();
    assertEquals("in time", limited.best().precision());
    says(row(limited, "late").reason(), "95 %", "20.0 ms");
  }

  @Test
  void whatHasNoPriceTakesNoPart() {
    Workload request = Workload.of("four", Map.of("x", Tensor.of(new float[4], 4)));
    Candidate elsewhere =
        new Candidate(
            Target.backend("elsewhere").choices().get(0), "FP16", time -> model("never", 0, 0));
    CandidateResult result =
        search(original(), elsewhere, candidate("good", 5, 0))
            .measure(RequestMix.of(request), Objective.cost(Map.of("function", 0.5), 2))
            .run();
    assertEquals("good", result.best().precision());
    assertEquals(Outcome.UNAVAILABLE, row(result, "FP16").outcome());
    CandidateSearch unpriced =
        search(original())
            .measure(RequestMix.of(request), Objective.cost(Map.of("elsewhere", 0.5), 2));
    says(assertThrows(IllegalArgumentException.class, unpriced::run).getMessage(), "function");
  }

  @Test
  void noiseDoesNotMakeAWinner() {
    noise = 0.3;
    CandidateResult result = search(original(), candidate("hardly", 9.9, 0)).run();
    assertEquals("as given", result.best().precision());
  }

  @Test
  void itStopsWhenAskedTo() {
    Cancellation cancellation = new Cancellation();
    Candidate stopping =
        new Candidate(
            Target.backend("function").choices().get(0),
            "stops",
            time -> {
              cancellation.cancel();
              throw new CancelledException(Stage.COMPILE);
            });
    CandidateSearch search = search(original(), stopping).cancellation(cancellation);
    assertThrows(CancelledException.class, search::run);
    assertEquals(List.of(), open());
  }

  @Test
  void aCandidateThatRunsOutOfItsTimeIsNoFailure() {
    Candidate late =
        new Candidate(
            Target.backend("function").choices().get(0),
            "late",
            time -> {
              throw new CancelledException(Stage.COMPILE);
            });
    CandidateResult result = search(original(), late).run();
    assertEquals(Outcome.NOT_TRIED, row(result, "late").outcome());
    assertFalse(result.report().complete());
  }

  @Test
  void theLastMeasurementIsOneOfItsOwn() {
    // With this budget it has as many rounds as the first.
    search(original(), candidate("good", 5, 0)).budget(Duration.ofSeconds(5)).run();
    assertEquals(races.get(0), races.get(races.size() - 1));
    assertEquals(2, races.size());
  }

  @Test
  void whatCannotBeMadeAgainInTimeIsNotProvedAndTheSearchGoesOn() {
    int[] times = {0};
    Candidate once =
        new Candidate(
            Target.backend("function").choices().get(0),
            "once",
            time -> {
              if (times[0]++ > 0) {
                throw new CancelledException(Stage.COMPILE);
              }
              return model("once", 0, 0);
            });
    costs.put(once.key(), 4.0);
    CandidateResult result = search(original(), candidate("overfitted", 2, 0, 3), once).run();
    assertEquals("as given", result.best().precision());
    assertEquals(2, times[0]);
    assertEquals(Outcome.NOT_TRIED, row(result, "once").outcome());
    assertFalse(result.report().complete());
    says(result.report().verdict(), "that was tried", "For 1 of 2");
    assertEquals(List.of("as given"), open());
  }

  @Test
  void whereBetteringFailsTheBestSoFarIsTheResult() {
    CandidateSearch.Refiner broken =
        new CandidateSearch.Refiner() {
          @Override
          public List<Candidate> variants(Candidate c) {
            throw new InfercException(Stage.COMPILE, "Tried options and could not.", "Do not.");
          }

          @Override
          public Optional<Candidate> mix(Candidate c) {
            throw new InfercException(Stage.COMPILE, "Tried a mix and could not.", "Do not.");
          }

          @Override
          public Optional<Candidate> trimmed(Candidate c, Duration time) {
            throw new CancelledException(Stage.COMPILE);
          }
        };
    CandidateResult result =
        search(original(), candidate("good", 5, 0), candidate("wrong", 1, 1)).refiner(broken).run();
    assertEquals("good", result.best().precision());
    assertFalse(result.report().complete());
    says(
        result.report().toString(),
        "options and could not",
        "mix and could not",
        "No time was left for looking for layers");
  }

  @Test
  void aRaceOfSeveralThatFailsLeavesWhatWasMeasuredBefore() {
    CandidateSearch search =
        search(original(), candidate("good", 5, 0), candidate("best", 3, 0))
            .racer(
                (models, pace, rounds) -> {
                  if (models.size() > 2) {
                    throw new InfercException(Stage.RUN, "Tried and ran out.", "Have more.");
                  }
                  return race(models, pace, rounds);
                });
    CandidateResult result = search.run();
    assertEquals("best", result.best().precision());
    says(result.report().toString(), "ran out");
    assertEquals(List.of("best"), open());
  }

  @Test
  void whatIsMissingOrDoubleIsRefused() {
    Candidate first = original();
    says(
        assertThrows(
                IllegalArgumentException.class, () -> CandidateSearch.of(first, List.of(first)))
            .getMessage(),
        "twice");
    CandidateSearch bare = CandidateSearch.of(first, List.of());
    says(assertThrows(IllegalStateException.class, bare::run).getMessage(), "samples(", "measure(");
    assertThrows(IllegalArgumentException.class, () -> bare.budget(Duration.ZERO));
  }
}

package io.inferc.search;

import io.inferc.accuracy.AccuracyReport;
import io.inferc.benchmark.RatioInterval;
import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompilationReport.Outcome;
import io.inferc.runtime.CompiledModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The end of a search: the last measurement, the proof, and the report. */
final class CandidateFinish {
  private static final int MOST_ROUNDS = 20;
  // Of the budget.
  private static final double SHARE = 0.1;
  private static final double LONGEST = 1.1;
  // Two compilations of the same differ by as much, which no interval within one of them sees.
  private static final double LEAST_GAIN = 1.01;

  private final CandidateSearch.Settings settings;
  private final TimeBudget time;
  private final CandidateJudge judge;
  private final BiFunction<List<Entrant>, Integer, RaceResult> race;
  private final Function<Entrant, CompiledModel> opener;
  private final int rounds;
  private final double seconds;

  CandidateFinish(
      CandidateSearch.Settings settings,
      TimeBudget time,
      Pace pace,
      CandidateJudge judge,
      BiFunction<List<Entrant>, Integer, RaceResult> race,
      Function<Entrant, CompiledModel> opener) {
    this.opener = opener;
    this.settings = settings;
    this.time = time;
    this.judge = judge;
    this.race = race;
    int fitting = MOST_ROUNDS;
    while (fitting > Pace.LEAST_ROUNDS
        && TimeBudget.seconds(pace.race(2, fitting)) > SHARE * time.seconds()) {
      fitting--;
    }
    rounds = fitting;
    seconds = TimeBudget.seconds(pace.race(2, rounds)) + judge.proofSeconds();
  }

  /** What it takes, as far as one knows. */
  double seconds() {
    return seconds;
  }

  CandidateResult run(Entrant original, List<Entrant> ranking, CandidateRun run) {
    time.reserve(seconds - (LONGEST - 1) * time.seconds());
    for (Entrant entrant : ranking) {
      if (!fits(entrant, entrant == ranking.get(0))) {
        run.incomplete();
        break;
      }
      settings.cancellation().throwIfCancelled(Stage.SEARCH);
      settings
          .progress()
          .onProgress(Stage.SEARCH, "measuring and proving " + entrant.candidate(), 999, 1000);
      try {
        Optional<AccuracyReport> proof = proved(original, entrant);
        if (proof.isPresent()) {
          return result(original, entrant, proof, run);
        }
      } catch (CancelledException e) {
        run.throwIfStopped(e);
        run.incomplete();
        entrant.ended(Outcome.NOT_TRIED, "It could not be proved within the time that was left.");
      } catch (RuntimeException e) {
        entrant.ended(Outcome.FAILED, "It failed at last: " + e.getMessage());
      }
      entrant.close();
    }
    return result(original, original, Optional.empty(), run);
  }

  /** The first is open, as a rule, and what it takes was set aside. */
  private boolean fits(Entrant entrant, boolean first) {
    double making =
        entrant.model().isPresent() ? 0 : time.making(entrant.candidate().target().backend());
    return (first && making == 0) || time.left() >= making;
  }

  private Optional<AccuracyReport> proved(Entrant original, Entrant entrant) {
    RaceResult figures = race.apply(List.of(original, entrant), rounds);
    RatioInterval gain = figures.gain(original.key(), entrant.key());
    entrant.measured(gain);
    Optional<String> missed =
        Limits.missed(settings.objective(), figures, original.key(), entrant.key());
    if (missed.isPresent() || gain.low() <= LEAST_GAIN) {
      entrant.ended(
          Outcome.SLOWER, missed.orElse("It is not for certain better than the original by 1 %."));
      return Optional.empty();
    }
    AccuracyReport proof = judge.prove(opener.apply(original), opener.apply(entrant));
    if (!proof.passed()) {
      entrant.ended(
          Outcome.INACCURATE,
          "It keeps the tolerance on the samples to choose by, but not on others: "
              + proof.violations().get(0));
      return Optional.empty();
    }
    return Optional.of(proof);
  }

  private CandidateResult result(
      Entrant original, Entrant chosen, Optional<AccuracyReport> proof, CandidateRun run) {
    boolean asGiven = chosen == original;
    chosen.ended(
        Outcome.CHOSEN,
        asGiven
            ? "Nothing else is better for certain and right."
            : "It is the best that keeps the tolerance.");
    List<CompilationReport.Candidate> rows = new ArrayList<>(List.of(chosen.row()));
    List<Entrant> others = new ArrayList<>(run.entrants());
    others.remove(chosen);
    others.sort(Comparator.comparing((Entrant e) -> e.outcome()).thenComparing(e -> -e.promise()));
    for (Entrant other : others) {
      if (other.outcome() == Outcome.CHOSEN) {
        other.ended(
            asGiven ? Outcome.NOT_TRIED : Outcome.SLOWER,
            asGiven
                ? "The time was up before it was proved."
                : "It is behind " + chosen.candidate() + ".");
      }
      rows.add(other.row());
    }
    CompilationReport report =
        new CompilationReport(
            asGiven ? verdict(original, others) : verdict(original, chosen, proof),
            rows,
            List.of(),
            notes(run),
            TimeBudget.duration(time.spent()),
            run.isComplete());
    CompiledModel model = opener.apply(chosen);
    chosen.released();
    return new CandidateResult(chosen.candidate(), model, proof, report);
  }

  private List<String> notes(CandidateRun run) {
    List<String> notes = new ArrayList<>();
    notes.add("Measured: " + settings.objective() + " of " + settings.mix() + ".");
    notes.addAll(run.notes());
    return notes;
  }

  private String verdict(Entrant original, Entrant chosen, Optional<AccuracyReport> proof) {
    return String.format(
        Locale.ROOT,
        "%s: %s times better in %s than the model as it was given on %s; within the tolerance on %d"
            + " samples that nothing was chosen by (%s).",
        chosen.candidate(),
        chosen.row().gain().orElseThrow(),
        settings.objective(),
        original.candidate().target(),
        proof.orElseThrow().outputs().stream().mapToLong(o -> o.samples()).max().orElse(0),
        CandidateJudge.text(proof.get()));
  }

  private String verdict(Entrant original, List<Entrant> others) {
    String best =
        others.stream()
            .filter(e -> e.gain().isPresent())
            .max(Comparator.comparingDouble(Entrant::promise))
            .map(
                e ->
                    String.format(
                        Locale.ROOT,
                        " Of %d candidates the best, %s, came to %s times and was not taken: %s",
                        others.size(),
                        e.candidate(),
                        e.row().gain().orElseThrow(),
                        e.row().reason()))
            .orElse("");
    long left = others.stream().filter(e -> e.outcome() == Outcome.NOT_TRIED).count();
    return "The model stays as it was given, on "
        + original.candidate().target()
        + ": nothing else "
        + (left == 0 ? "" : "that was tried ")
        + "was better for certain in "
        + settings.objective()
        + " and right."
        + (left == 0 ? "" : " For " + left + " of " + others.size() + " there was no time.")
        + best;
  }
}

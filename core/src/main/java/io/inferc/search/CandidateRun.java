package io.inferc.search;

import io.inferc.benchmark.RatioInterval;
import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import io.inferc.runtime.CompilationReport.Outcome;
import io.inferc.runtime.CompiledModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a search among candidates: its phases, and who is left. */
final class CandidateRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CandidateRun.class);
  // Who is still in after the first measurement, at most.
  private static final int MOST_AGAIN = 4;
  private static final String MISSES =
      "The original itself does not answer 95 % in time, whatever the number of callers.";
  private static final int MOST_ROUNDS = 40;
  private static final int MOST_PROVED = 3;
  // Twice as many rounds cannot tell apart what differs by less.
  private static final double ALIKE = 1.01;
  // A mix takes long to find, so it must promise as much.
  private static final double WORTH_A_MIX = 1.05;

  private final CandidateSearch.Settings settings;
  private final CandidateStore store;
  private final TimeBudget time;
  private final Racer race;
  private final Entrant original;
  private final List<Entrant> entrants = new ArrayList<>();
  private final CandidateJudge judge;
  private Pace pace = new Pace(List.of(), Pace.LEAST_ROUNDS, 1);
  private final List<String> notes = new ArrayList<>();
  private boolean complete = true;

  CandidateRun(CandidateSearch.Settings settings) {
    this.settings = settings;
    store = CandidateStore.open(settings.state(), settings.subject());
    time = new TimeBudget(settings.budget(), settings.clock());
    race =
        settings
            .racer()
            .orElseGet(
                () -> new Race(settings.mix(), settings.objective(), settings.cancellation()));
    original = new Entrant(settings.original());
    judge = new CandidateJudge(settings, time, store);
  }

  CandidateResult run() {
    if (settings.objective() instanceof Objective.Cost cost) {
      // Without a price of its own nothing can be better or worse than it.
      cost.price(settings.original().target().backend());
    }
    tell("compiling the original");
    CompiledModel first = settings.original().maker().make(settings.budget());
    original.opened(first);
    time.learn(first.target().backend(), time.spent());
    tell("measuring the original");
    pace =
        Pace.of(
            OriginalLatency.millis(
                first, settings.mix(), settings.objective().callers(), settings.cancellation()),
            settings.budget(),
            settings.candidates().size(),
            Runner.warmUps(settings.objective()));
    judge.record(first);
    CandidateFinish finish =
        new CandidateFinish(settings, time, pace, judge, this::measuredLast, this::model);
    time.reserve(finish.seconds());
    settings.candidates().forEach(c -> tryOut(add(c)));
    List<Entrant> alive = narrowed(good());
    refine(alive);
    return finish.run(original, ranking(), this);
  }

  /** Those that may win, and behind them who takes their place if they fail at the last. */
  private List<Entrant> ranking() {
    Stream<Entrant> spare =
        entrants.stream()
            .filter(Entrant::isSpare)
            .sorted(Comparator.comparingDouble(e -> -e.promise()));
    return Stream.concat(good().stream(), spare).limit(MOST_PROVED).toList();
  }

  private void tell(String what) {
    settings.cancellation().throwIfCancelled(Stage.SEARCH);
    double share = time.spent() / time.seconds();
    settings
        .progress()
        .onProgress(Stage.SEARCH, what, Math.min(999, Math.round(1000 * share)), 1000);
  }

  List<Entrant> entrants() {
    return entrants;
  }

  boolean isComplete() {
    return complete;
  }

  /** Some of what there is was not tried. */
  void incomplete() {
    complete = false;
  }

  /** What a user should know of what was not tried, in whole sentences. */
  List<String> notes() {
    return notes;
  }

  private Entrant add(Candidate candidate) {
    Entrant entrant = new Entrant(candidate);
    entrants.add(entrant);
    return entrant;
  }

  /** Those that are accurate and may be better than the original, the best first. */
  private List<Entrant> good() {
    return entrants.stream()
        .filter(e -> e.outcome() == Outcome.CHOSEN)
        .sorted(Comparator.comparingDouble(e -> -e.promise()))
        .toList();
  }

  /** Judges and measures a candidate shortly; true if it may be better than the original. */
  private boolean tryOut(Entrant entrant) {
    tell("trying " + entrant.candidate());
    if (settings.objective() instanceof Objective.Cost cost
        && !cost.perHour().containsKey(entrant.candidate().target().backend())) {
      entrant.ended(Outcome.UNAVAILABLE, "Its back end has no price.");
      return false;
    }
    Optional<String> failed = store.failed(entrant.key());
    if (failed.isPresent()) {
      entrant.ended(Outcome.FAILED, failed.get());
      return false;
    }
    double after = judge.seconds() + TimeBudget.seconds(pace.race(2, pace.rounds()));
    double least = time.making(entrant.candidate().target().backend()) + after;
    if (time.left() < least && !isKnown(entrant)) {
      complete = false;
      return false;
    }
    try {
      judge.judge(entrant, () -> model(entrant, time.left() - after));
      RaceResult figures = raced(List.of(original, entrant), pace.rounds());
      settle(entrant, figures);
    } catch (CancelledException e) {
      throwIfStopped(e);
      complete = false;
      entrant.ended(Outcome.NOT_TRIED, "It did not end within the time that was left.");
    } catch (RuntimeException e) {
      LOG.info("{} cannot be had", entrant.candidate(), e);
      String why = "It failed: " + (e.getMessage() == null ? e : e.getMessage());
      store.fail(entrant.key(), why);
      entrant.ended(Outcome.FAILED, why);
    }
    boolean good = entrant.outcome() == Outcome.CHOSEN;
    if (!good) {
      entrant.close();
    }
    closeAllBut(MOST_AGAIN);
    return good;
  }

  /** Passes on that the caller stopped the search; what ran out of its own time is no reason to. */
  void throwIfStopped(CancelledException e) {
    if (settings.cancellation().isCancelled() || Thread.currentThread().isInterrupted()) {
      throw e;
    }
  }

  /**
   * Takes a step that may better what was found; if it fails, that stays, and the report says so.
   */
  private void attempt(String what, Runnable step) {
    try {
      step.run();
    } catch (CancelledException e) {
      throwIfStopped(e);
      complete = false;
      notes.add("No time was left for " + what + ".");
    } catch (RuntimeException e) {
      LOG.info("{} failed", what, e);
      complete = false;
      notes.add(
          "This failed: " + what + " (" + (e.getMessage() == null ? e : e.getMessage()) + ")");
    }
  }

  private boolean isKnown(Entrant entrant) {
    return store.judged(entrant.key()).isPresent()
        && store.race(key(List.of(original, entrant), pace.rounds())).isPresent();
  }

  private CompiledModel model(Entrant entrant) {
    return model(entrant, time.left());
  }

  private CompiledModel model(Entrant entrant, double seconds) {
    return entrant
        .model()
        .orElseGet(
            () -> {
              double before = time.now();
              Duration allowed = TimeBudget.duration(Math.max(1, seconds));
              CompiledModel made = entrant.candidate().maker().make(allowed);
              entrant.opened(made);
              time.learn(entrant.candidate().target().backend(), time.now() - before);
              return made;
            });
  }

  /** Says what a first measurement makes of a candidate; CHOSEN stands for still in the race. */
  private void settle(Entrant entrant, RaceResult figures) {
    if (!figures.of(original.key()).kept() && !notes.contains(MISSES)) {
      notes.add(MISSES);
    }
    RatioInterval gain = figures.gain(original.key(), entrant.key());
    entrant.measured(gain);
    Optional<String> missed =
        Limits.missed(settings.objective(), figures, original.key(), entrant.key());
    if (!entrant.isAccurate()) {
      entrant.ended(
          Outcome.INACCURATE,
          "It does not keep the tolerance" + (gain.low() > 1 ? ", though it is better." : "."));
    } else if (missed.isPresent()) {
      entrant.ended(Outcome.SLOWER, missed.get());
    } else if (gain.high() <= 1) {
      entrant.ended(Outcome.SLOWER, "It is not better than the original.");
    } else {
      entrant.ended(Outcome.CHOSEN, "");
    }
  }

  /** Models take memory, so only the best stay open. */
  private void closeAllBut(int most) {
    good().stream().skip(most).forEach(Entrant::close);
  }

  private static String key(List<Entrant> sides, int rounds) {
    return rounds + " rounds: " + String.join(" | ", sides.stream().map(Entrant::key).toList());
  }

  /** Measures entrants in turns, or returns what is known of that. */
  private RaceResult raced(List<Entrant> sides, int rounds) {
    return raced(key(sides, rounds), sides, rounds);
  }

  /** The same, but no measurement that led to a choice counts: its luck was chosen, too. */
  private RaceResult measuredLast(List<Entrant> sides, int rounds) {
    return raced("at last, " + key(sides, rounds), sides, rounds);
  }

  private RaceResult raced(String key, List<Entrant> sides, int rounds) {
    return store
        .race(key)
        .orElseGet(
            () -> {
              Map<String, CompiledModel> models = new LinkedHashMap<>();
              sides.forEach(e -> models.put(e.key(), model(e)));
              RaceResult figures = race.run(models, pace, rounds);
              store.put(key, figures);
              return figures;
            });
  }

  /** Measures the better half again and again, with more rounds each time. */
  private List<Entrant> narrowed(List<Entrant> good) {
    List<Entrant> alive = new ArrayList<>(good);
    int rounds = 2 * pace.rounds();
    while (alive.size() > 1 && rounds <= MOST_ROUNDS) {
      int kept = Math.min(MOST_AGAIN, Math.max(2, (alive.size() + 1) / 2));
      for (Entrant out : alive.subList(kept, alive.size())) {
        behind(out, alive.get(0));
      }
      alive = new ArrayList<>(alive.subList(0, kept));
      if (!again(alive, rounds)) {
        complete = false;
        break;
      }
      alive = new ArrayList<>(good());
      if (alive.size() < 2 || alive.get(0).promise() < ALIKE * alive.get(1).promise()) {
        break;
      }
      rounds *= 2;
    }
    return alive;
  }

  private static void behind(Entrant entrant, Entrant leader) {
    entrant.fellBehind("It is behind " + leader.candidate() + ".");
    entrant.close();
  }

  /** Measures entrants together with the original; false if there is no time for it. */
  private boolean again(List<Entrant> alive, int rounds) {
    List<Entrant> sides = new ArrayList<>(List.of(original));
    sides.addAll(alive);
    boolean known = store.race(key(sides, rounds)).isPresent();
    double making =
        alive.stream()
            .filter(e -> e.model().isEmpty())
            .mapToDouble(e -> time.making(e.candidate().target().backend()))
            .sum();
    if (!known && time.left() < making + TimeBudget.seconds(pace.race(sides.size(), rounds))) {
      return false;
    }
    tell("measuring the best " + alive.size() + " once more");
    List<RaceResult> measured = new ArrayList<>();
    attempt(
        "measuring the best " + alive.size() + " once more",
        () -> measured.add(raced(sides, rounds)));
    if (measured.isEmpty()) {
      return false;
    }
    RaceResult figures = measured.get(0);
    alive.forEach(e -> settle(e, figures));
    Entrant leader = alive.stream().max(Comparator.comparingDouble(Entrant::promise)).orElseThrow();
    for (Entrant entrant : alive) {
      if (entrant != leader
          && entrant.outcome() == Outcome.CHOSEN
          && figures.gain(entrant.key(), leader.key()).low() > 1) {
        behind(entrant, leader);
      }
    }
    return true;
  }

  /**
   * Tries to better the leaders by options, or the original if nobody leads, and by a mix of what
   * is faster but not accurate.
   */
  private void refine(List<Entrant> alive) {
    List<Entrant> starts = alive.stream().filter(e -> e.outcome() == Outcome.CHOSEN).toList();
    for (Entrant start : starts.isEmpty() ? List.of(original) : starts) {
      attempt(
          "trying options of " + start.candidate(),
          () ->
              settings
                  .refiner()
                  .variants(start.candidate())
                  .forEach(variant -> challenge(variant, start, false)));
    }
    double best = good().isEmpty() ? 1 : good().get(0).promise();
    entrants.stream()
        .filter(e -> e.outcome() == Outcome.INACCURATE && e.promise() > WORTH_A_MIX * best)
        .max(Comparator.comparingDouble(Entrant::promise))
        .ifPresent(
            e ->
                attempt(
                    "mixing precisions",
                    () ->
                        settings
                            .refiner()
                            .mix(e.candidate())
                            .ifPresent(c -> challenge(c, original, false))));
    attempt("looking for layers that do not pay", this::trim);
    narrowed(good());
  }

  /** Gives back what does not pay of the leader. */
  private void trim() {
    List<Entrant> good = good();
    double left = time.left();
    if (good.isEmpty() || left <= 0) {
      return;
    }
    Entrant leader = good.get(0);
    tell("looking for layers that do not pay");
    settings
        .refiner()
        .trimmed(leader.candidate(), TimeBudget.duration(left))
        .ifPresent(c -> challenge(c, leader, true));
  }

  /**
   * Tries a candidate that is made of another.
   *
   * @param isSimpler whether it is the better one unless it is worse for certain, and not only if
   *     it is better for certain
   */
  private void challenge(Candidate candidate, Entrant than, boolean isSimpler) {
    Entrant entrant = add(candidate);
    if (!tryOut(entrant) || than == original || than.outcome() != Outcome.CHOSEN) {
      return;
    }
    List<Entrant> sides = List.of(original, than, entrant);
    int rounds = 2 * pace.rounds();
    boolean known = store.race(key(sides, rounds)).isPresent();
    if (!known && time.left() < TimeBudget.seconds(pace.race(sides.size(), rounds))) {
      complete = false;
      entrant.fellBehind("No time was left to compare it with " + than.candidate() + ".");
      entrant.close();
      return;
    }
    RaceResult figures = raced(sides, rounds);
    settle(entrant, figures);
    settle(than, figures);
    if (entrant.outcome() != Outcome.CHOSEN) {
      return;
    }
    RatioInterval better = figures.gain(than.key(), entrant.key());
    if (better.low() > 1 || (isSimpler && better.high() >= 1)) {
      behind(than, entrant);
    } else {
      entrant.fellBehind(
          String.format(
              Locale.ROOT,
              "It is not for certain better than %s: %s times.",
              than.candidate(),
              better));
      entrant.close();
    }
  }

  @Override
  public void close() {
    entrants.forEach(Entrant::close);
    judge.close();
    original.close();
  }
}

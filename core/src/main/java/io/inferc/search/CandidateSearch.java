package io.inferc.search;

import io.inferc.accuracy.OutputView;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.tensor.Dataset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the best of several ways to compile a model that still gives the right answers: by
 * measuring them in turns with the original and with each other, on the requests that the model
 * will see.
 *
 * <p>Poor candidates cost little: each is judged on a few samples and measured shortly, and only
 * the better half, four at most, is measured again with more rounds, until one is left or two
 * cannot be told apart (successive halving: K. Jamieson, A. Talwalkar, "Non-stochastic Best Arm
 * Identification and Hyperparameter Optimization", AISTATS 2016). The best is then bettered by
 * options and by mixes of precisions, each of which it gives way to only where the 95 % interval of
 * the ratio excludes 1. In the end it is measured against the original once more and proved on
 * samples that nothing was chosen by; if it fails, the next takes its place, and the original wins
 * where nothing else does.
 *
 * <p>The same measurements lead to the same choice. Not thread-safe; a search is run once.
 */
public final class CandidateSearch {
  /** Everything a search was given. */
  record Settings(
      Candidate original,
      List<Candidate> candidates,
      Refiner refiner,
      Dataset choosing,
      Dataset proving,
      Tolerance tolerance,
      @Nullable OutputView view,
      RequestMix mix,
      Objective objective,
      Duration budget,
      @Nullable Path state,
      String subject,
      ProgressListener progress,
      Cancellation cancellation,
      LongSupplier clock,
      Optional<Racer> racer) {}

  /** Makes more candidates of those that did well; by default none. */
  public interface Refiner {
    /**
     * Returns the same with other options that may matter.
     *
     * @param leader a candidate that is among the best, the original if no other is better
     * @return further candidates, those that promise most first
     */
    default List<Candidate> variants(Candidate leader) {
      return List.of();
    }

    /**
     * Returns a mix of precisions for a candidate that is faster than the best but does not keep
     * the tolerance.
     *
     * @param candidate the candidate
     * @return the candidate that takes the place of it, or empty if there is none
     */
    default Optional<Candidate> mix(Candidate candidate) {
      return Optional.empty();
    }

    /**
     * Returns a candidate without those of its reduced layers that do not pay.
     *
     * @param leader the best so far
     * @param time how long finding out may take
     * @return the candidate that takes the place of it, or empty if all of them pay
     */
    default Optional<Candidate> trimmed(Candidate leader, Duration time) {
      return Optional.empty();
    }

    /**
     * Returns a refiner that has nothing to add.
     *
     * @return no further candidates
     */
    static Refiner none() {
      return new Refiner() {};
    }
  }

  private final Candidate original;
  private final List<Candidate> candidates;
  private Refiner refiner = Refiner.none();
  private @Nullable Dataset choosing;
  private @Nullable Dataset proving;
  private @Nullable Tolerance tolerance;
  private @Nullable OutputView view;
  private @Nullable RequestMix mix;
  private Objective objective = Objective.latency();
  private Duration budget = Duration.ofMinutes(5);
  private @Nullable Path state;
  private String subject = "";
  private ProgressListener progress = ProgressListener.none();
  private Cancellation cancellation = new Cancellation();
  private LongSupplier clock = System::nanoTime;
  private Optional<Racer> racer = Optional.empty();

  private CandidateSearch(Candidate original, List<Candidate> candidates) {
    this.original = original;
    this.candidates = candidates;
  }

  /**
   * Starts a search.
   *
   * @param original the model as it was given, which is right by definition, the baseline, and the
   *     result where nothing is better
   * @param candidates the others, those that promise most first
   * @return the search, not yet run
   * @throws IllegalArgumentException if two have the same target and precision
   */
  public static CandidateSearch of(Candidate original, List<Candidate> candidates) {
    Objects.requireNonNull(original, "original");
    Objects.requireNonNull(candidates, "candidates");
    List<String> keys = new ArrayList<>(List.of(original.key()));
    for (Candidate candidate : candidates) {
      if (keys.contains(candidate.key())) {
        throw new IllegalArgumentException(
            "Tried to try " + candidate + " twice. Give each a target or precision of its own.");
      }
      keys.add(candidate.key());
    }
    return new CandidateSearch(original, List.copyOf(candidates));
  }

  /**
   * Sets what the outputs are judged on.
   *
   * @param choosing samples to choose by, which calibration has not seen
   * @param proving samples to prove the choice on, which nothing else has seen
   * @param tolerance the limits to keep
   * @return this
   */
  public CandidateSearch samples(Dataset choosing, Dataset proving, Tolerance tolerance) {
    Objects.requireNonNull(choosing, "choosing");
    Objects.requireNonNull(proving, "proving");
    Objects.requireNonNull(tolerance, "tolerance");
    this.choosing = choosing;
    this.proving = proving;
    this.tolerance = tolerance;
    return this;
  }

  /**
   * Holds the tolerance against what the application makes of the outputs.
   *
   * @param view the view
   * @return this
   */
  public CandidateSearch view(OutputView view) {
    Objects.requireNonNull(view, "view");
    this.view = view;
    return this;
  }

  /**
   * Sets what is measured.
   *
   * @param mix the requests with their shares
   * @param objective what they shall be best at
   * @return this
   */
  public CandidateSearch measure(RequestMix mix, Objective objective) {
    Objects.requireNonNull(mix, "mix");
    Objects.requireNonNull(objective, "objective");
    this.mix = mix;
    this.objective = objective;
    return this;
  }

  /**
   * Sets who makes more candidates of the good ones; nobody by default.
   *
   * @param refiner makes them
   * @return this
   */
  public CandidateSearch refiner(Refiner refiner) {
    Objects.requireNonNull(refiner, "refiner");
    this.refiner = refiner;
    return this;
  }

  /**
   * Sets how long the search may take, by default 5 minutes. Time for the last measurement and the
   * proof is set aside; a step that does not fit in what is left is not begun.
   *
   * @param time more than 0
   * @return this
   * @throws IllegalArgumentException if it is not
   */
  public CandidateSearch budget(Duration time) {
    Objects.requireNonNull(time, "time");
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("Tried to search for " + time + "; it takes some time.");
    }
    budget = time;
    return this;
  }

  /**
   * Keeps what was measured in a file, and goes on from there if it exists.
   *
   * @param file a JSON file
   * @param subject what is searched on which machine, which must be the same to go on
   * @return this
   */
  public CandidateSearch resume(Path file, String subject) {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(subject, "subject");
    state = file;
    this.subject = subject;
    return this;
  }

  /**
   * Sets who hears of progress.
   *
   * @param listener the listener
   * @return this
   */
  public CandidateSearch progress(ProgressListener listener) {
    Objects.requireNonNull(listener, "listener");
    progress = listener;
    return this;
  }

  /**
   * Sets the switch that stops the search; what was measured so far is kept if it is resumable.
   *
   * @param cancellation the switch
   * @return this
   */
  public CandidateSearch cancellation(Cancellation cancellation) {
    Objects.requireNonNull(cancellation, "cancellation");
    this.cancellation = cancellation;
    return this;
  }

  /** Sets the clock, for tests. */
  CandidateSearch clock(LongSupplier nanos) {
    clock = nanos;
    return this;
  }

  /** Sets who measures, for tests. */
  CandidateSearch racer(Racer made) {
    racer = Optional.of(made);
    return this;
  }

  /**
   * Searches.
   *
   * @return the best, compiled, with all that was tried
   * @throws IllegalStateException if samples or requests were not set
   * @throws io.inferc.common.InfercException if the original cannot be compiled or run, or the
   *     state is of another search
   * @throws io.inferc.common.CancelledException if it was stopped
   */
  public CandidateResult run() {
    List<String> missing = new ArrayList<>();
    if (choosing == null || proving == null || tolerance == null) {
      missing.add("samples(choosing, proving, tolerance)");
    }
    if (mix == null) {
      missing.add("measure(mix, objective)");
    }
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "Tried to search, but this is not set: " + String.join(", ", missing) + ".");
    }
    Settings settings =
        new Settings(
            original,
            candidates,
            refiner,
            Objects.requireNonNull(choosing),
            Objects.requireNonNull(proving),
            Objects.requireNonNull(tolerance),
            view,
            Objects.requireNonNull(mix),
            objective,
            budget,
            state,
            subject,
            progress,
            cancellation,
            clock,
            racer);
    try (CandidateRun run = new CandidateRun(settings)) {
      return run.run();
    }
  }
}

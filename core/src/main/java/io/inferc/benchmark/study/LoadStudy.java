package io.inferc.benchmark.study;

import io.inferc.benchmark.Cost;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.platform.Roofline;
import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Compares a baseline with candidates under the load that production sees.
 *
 * <p>In this order: each variant is opened and asked once, which tells what starting takes; all are
 * loaded alike in turns, the baseline once more than the others to show what is noise; the highest
 * load within the latency limit is searched for, in turns too; then, where that was asked for, the
 * throughput by size of batch and the energy. With the usual settings a study of two variants takes
 * some twelve minutes.
 *
 * <p>Immutable; several studies at once disturb each other.
 */
public final class LoadStudy {
  private static final int FACTORIAL = 4;

  private final Builder settings;

  private LoadStudy(Builder settings) {
    this.settings = settings;
  }

  /**
   * Starts to describe a study.
   *
   * @param load how requests arrive, best production's own pattern; where it is a closed loop, the
   *     latency limit is searched for under Poisson arrivals
   * @return a builder
   */
  public static Builder builder(Load load) {
    return new Builder(Objects.requireNonNull(load, "load"));
  }

  /**
   * Makes the study.
   *
   * @param variants one or more with different names, the baseline first
   * @param requests what to ask all of them
   * @return what was found, be it void
   * @throws io.inferc.common.InfercException if a variant cannot be opened, or does not answer its
   *     first request
   * @throws io.inferc.common.CancelledException if it was stopped, or the thread interrupted
   * @throws IllegalArgumentException if there is no variant, two have the same name, a factorial
   *     study has other than four, their costs are in several currencies, or one does not take
   *     these requests
   */
  public StudyResult run(List<Variant> variants, Requests requests) {
    List<Variant> all = List.copyOf(variants);
    Objects.requireNonNull(requests, "requests");
    if (all.isEmpty()) {
      throw new IllegalArgumentException("Tried to study no variants; give a baseline at least.");
    }
    if (all.stream().map(Variant::name).distinct().count() < all.size()) {
      throw new IllegalArgumentException(
          "Tried to study variants with the same name: " + all + "; give each its own.");
    }
    if (settings.factorial && all.size() != FACTORIAL) {
      throw new IllegalArgumentException(
          "Tried to make a factorial study of "
              + all.size()
              + " variants; it takes four: neither change, the first, the second, both.");
    }
    List<String> currencies =
        all.stream().map(v -> v.cost().orElse(settings.cost).currency()).distinct().toList();
    if (currencies.size() > 1) {
      throw new IllegalArgumentException(
          "Tried to study variants whose costs are in "
              + String.join(" and ", currencies)
              + "; give all in one currency, as nothing is converted.");
    }
    return new StudyRun(settings, all, requests).run();
  }

  /** Describes a study. */
  public static final class Builder {
    private static final Duration USUAL_DURATION = Duration.ofSeconds(60);
    private static final Duration USUAL_WARM_UP = Duration.ofSeconds(5);
    private static final double USUAL_PERCENTILE = 95;
    private static final int LONGEST_PERIOD = 10;

    final Load load;
    String title = "Load study";
    Duration duration = USUAL_DURATION;
    Duration warmUp = USUAL_WARM_UP;
    OptionalInt blocks = OptionalInt.empty();
    OptionalInt workers = OptionalInt.empty();
    long seed = 1;
    double percentile = USUAL_PERCENTILE;
    Optional<Duration> limit = Optional.empty();
    boolean searches = true;
    boolean earlyStopping;
    Optional<Duration> searchRun = Optional.empty();
    boolean noise = true;
    boolean energy;
    Optional<Roofline> roofline = Optional.empty();
    boolean factorial;
    Cost cost = Cost.machineHours();
    final List<Gate> gates = new ArrayList<>();
    Cancellation cancellation = new Cancellation();
    ProgressListener progress = ProgressListener.none();

    private Builder(Load load) {
      this.load = load;
      gates.add(Gate.trusted());
    }

    private Builder(Builder other) {
      load = other.load;
      title = other.title;
      duration = other.duration;
      warmUp = other.warmUp;
      blocks = other.blocks;
      workers = other.workers;
      seed = other.seed;
      percentile = other.percentile;
      limit = other.limit;
      searches = other.searches;
      earlyStopping = other.earlyStopping;
      searchRun = other.searchRun;
      noise = other.noise;
      energy = other.energy;
      roofline = other.roofline;
      factorial = other.factorial;
      cost = other.cost;
      gates.addAll(other.gates);
      cancellation = other.cancellation;
      progress = other.progress;
    }

    /**
     * Sets what reports are headed.
     *
     * @param text the title
     * @return this
     */
    public Builder title(String text) {
      title = Objects.requireNonNull(text, "text");
      return this;
    }

    /**
     * Sets for how long each variant is loaded in turns with the others.
     *
     * @param time a minute if not set
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder duration(Duration time) {
      duration = requirePositive(time, "load each variant for");
      return this;
    }

    /**
     * Sets how long each variant is loaded before requests count.
     *
     * @param time 5 seconds if not set
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder warmUp(Duration time) {
      Objects.requireNonNull(time, "time");
      if (time.isNegative()) {
        throw new IllegalArgumentException("Tried to warm up for " + time + "; give 0 or more.");
      }
      warmUp = time;
      return this;
    }

    /**
     * Sets into how many turns the duration is cut.
     *
     * @param count 30 if not set, at least 5
     * @return this
     */
    public Builder blocks(int count) {
      blocks = OptionalInt.of(count);
      return this;
    }

    /**
     * Sets how many requests may be under way at once.
     *
     * @param count the baseline's usual number if not set
     * @return this
     */
    public Builder workers(int count) {
      workers = OptionalInt.of(count);
      return this;
    }

    /**
     * Sets what everything drawn at random depends on.
     *
     * @param number 1 if not set
     * @return this
     */
    public Builder seed(long number) {
      seed = number;
      return this;
    }

    /**
     * Sets the latency limit that throughputs are found at.
     *
     * @param percentile above 0 and below 100; 95 if not set
     * @param limit the limit; if not set, what the baseline itself takes at equal load, and if it
     *     does not answer all then, no highest load is searched for
     * @return this
     * @throws IllegalArgumentException if one is out of its range
     */
    public Builder limit(double percentile, Duration limit) {
      Objects.requireNonNull(limit, "limit");
      if (!(percentile > 0 && percentile < 100)) {
        throw new IllegalArgumentException(
            "Tried to hold the percentile "
                + percentile
                + " to a limit; give one above 0 and below 100, such as 95.");
      }
      this.percentile = percentile;
      this.limit = Optional.of(requirePositive(limit, "hold a latency to"));
      return this;
    }

    /**
     * Sets for how long the search for the highest load tries each rate.
     *
     * @param time a twelfth of the duration if not set, at least 2 seconds; longer where a
     *     percentile takes more requests than come in that time
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder searchRun(Duration time) {
      searchRun = Optional.of(requirePositive(time, "try each rate for"));
      return this;
    }

    /**
     * Has the search judge rates by MLPerf's early-stopping rule, which takes more requests; see
     * {@link io.inferc.benchmark.load.LoadSearch#earlyStopping}.
     *
     * @return this
     */
    public Builder earlyStopping() {
      earlyStopping = true;
      return this;
    }

    /**
     * Leaves out the search for the highest load, which takes most of the time; throughputs, costs
     * and sentences are then missing.
     *
     * @return this
     */
    public Builder withoutSearch() {
      searches = false;
      return this;
    }

    /**
     * Sets whether the baseline is compared with itself, too, which takes as long as one more
     * variant.
     *
     * @param measured true if not set
     * @return this
     */
    public Builder noise(boolean measured) {
      noise = measured;
      return this;
    }

    /**
     * Sets whether each variant serves the load alone once more, to see what the machine draws.
     *
     * @param measured false if not set; where the platform does not tell, no time is spent
     * @return this
     */
    public Builder energy(boolean measured) {
      energy = measured;
      return this;
    }

    /**
     * Sets what the machine can do, by which variants whose {@linkplain Variant#work work} is known
     * are judged. Measure it while the machine does nothing else.
     *
     * @param measured for example {@link Roofline#probe()}, with the roofs of the variants'
     *     precisions added
     * @return this
     */
    public Builder roofline(Roofline measured) {
      roofline = Optional.of(Objects.requireNonNull(measured, "measured"));
      return this;
    }

    /**
     * Asks whether the gains of two changes add: the variants are then four, with neither change,
     * the first, the second, both.
     *
     * @return this
     */
    public Builder factorial() {
      factorial = true;
      return this;
    }

    /**
     * Sets what the machine costs.
     *
     * @param cost of each variant without one of its own; machine hours if not set
     * @return this
     */
    public Builder cost(Cost cost) {
      this.cost = Objects.requireNonNull(cost, "cost");
      return this;
    }

    /**
     * Adds a gate that each candidate is held to, or the baseline where it is alone. A measurement
     * that can be trusted is always asked for.
     *
     * @param gate the gate
     * @return this
     */
    public Builder gate(Gate gate) {
      gates.add(Objects.requireNonNull(gate, "gate"));
      return this;
    }

    /**
     * Sets the switch that stops a study.
     *
     * @param stop the switch
     * @return this
     */
    public Builder cancellation(Cancellation stop) {
      cancellation = Objects.requireNonNull(stop, "stop");
      return this;
    }

    /**
     * Sets who hears of progress.
     *
     * @param listener the listener, called by the thread that runs the study
     * @return this
     */
    public Builder progress(ProgressListener listener) {
      progress = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Makes the study.
     *
     * @return a study that later changes of this builder do not reach
     * @throws IllegalArgumentException if the load is a day, or has bursts so far apart, that would
     *     take too long to be tried at each rate of the search
     */
    public LoadStudy build() {
      Duration each = StudyRun.searchRun(this);
      if (searches
          && load instanceof Load.Open open
          && open.period().compareTo(each.multipliedBy(LONGEST_PERIOD)) > 0) {
        throw new IllegalArgumentException(
            "Tried to search for the highest load of "
                + load
                + " with "
                + each
                + " for each rate, but a day or a burst with its pause is tried whole. Leave the"
                + " search out, shorten the day or the pause, give more time for each rate, or"
                + " search under the rate of its peak.");
      }
      return new LoadStudy(new Builder(this));
    }

    private static Duration requirePositive(Duration time, String what) {
      Objects.requireNonNull(time, "time");
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException(
            "Tried to " + what + " " + time + "; give a time above 0.");
      }
      return time;
    }
  }
}

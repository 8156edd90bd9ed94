package io.inferc.benchmark.load;

import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Measures a subject under a load.
 *
 * <pre>{@code
 * LoadTest test = LoadTest.builder(Load.poisson(200)).duration(Duration.ofSeconds(60)).build();
 * LoadRun run = test.run(Subject.of(model), Requests.of(samples, 1000, 1));
 * System.out.println(run.latency().percentile(95));
 * }</pre>
 *
 * <p>Immutable; several runs at once disturb each other.
 */
public final class LoadTest {
  private final Builder settings;

  private LoadTest(Builder settings) {
    this.settings = settings;
  }

  /**
   * Starts to describe a test.
   *
   * @param load how requests arrive
   * @return a builder
   */
  public static Builder builder(Load load) {
    return new Builder(Objects.requireNonNull(load, "load"));
  }

  /**
   * Loads a subject.
   *
   * @param subject what to measure
   * @param requests what to ask it
   * @return what it did, be it {@linkplain LoadRun#isVoid() void}
   * @throws io.inferc.common.InfercException if a caller cannot be opened, or throws where it
   *     should answer
   * @throws io.inferc.common.CancelledException if it was stopped, or the thread interrupted
   * @throws IllegalArgumentException if the subject does not take these requests, or the load asks
   *     for more of them than fit into memory
   */
  public LoadRun run(Subject subject, Requests requests) {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(requests, "requests");
    LoadSettings chosen = settings(subject);
    try (Callers callers = Callers.open(subject, chosen.workers())) {
      return execution(chosen, callers, requests).run();
    }
  }

  /**
   * Loads two subjects in turns, with the same arrivals and requests: the duration is cut into
   * {@linkplain Builder#blocks blocks}, each of which is run with both. A tenth of a block is added
   * before each as a warm-up of its own, and the test's warm-up before the first.
   *
   * @param baseline the subject to compare with
   * @param candidate the subject in question, with as many workers as the baseline has if none were
   *     set
   * @param requests what to ask them
   * @return what both did
   * @throws io.inferc.common.InfercException if a caller cannot be opened, or throws where it
   *     should answer
   * @throws io.inferc.common.CancelledException if it was stopped, or the thread interrupted
   * @throws IllegalArgumentException if a subject does not take these requests, or the load asks
   *     for more of them than fit into memory
   */
  public LoadComparison compare(Subject baseline, Subject candidate, Requests requests) {
    Objects.requireNonNull(baseline, "baseline");
    Objects.requireNonNull(candidate, "candidate");
    return compare(List.of(baseline, candidate), requests).comparison(0, 1);
  }

  /**
   * Loads subjects in turns, with the same arrivals and requests: the duration is cut into
   * {@linkplain Builder#blocks blocks}, each of which is run with all. A tenth of a block is added
   * before each as a warm-up of its own, and the test's warm-up before the first.
   *
   * @param subjects one or more, each loaded with as many workers as the first has if none were set
   * @param requests what to ask them
   * @return what all did
   * @throws io.inferc.common.InfercException if a caller cannot be opened, or throws where it
   *     should answer
   * @throws io.inferc.common.CancelledException if it was stopped, or the thread interrupted
   * @throws IllegalArgumentException if there is no subject, one does not take these requests, or
   *     the load asks for more of them than fit into memory
   */
  public LoadRounds compare(List<? extends Subject> subjects, Requests requests) {
    List<Subject> all = List.copyOf(subjects);
    Objects.requireNonNull(requests, "requests");
    if (all.isEmpty()) {
      throw new IllegalArgumentException("Tried to compare no subjects; give at least one.");
    }
    return new Turns(
            settings(all.get(0)),
            settings.blocks,
            requests,
            settings.cancellation,
            settings.progress)
        .run(all);
  }

  Load load() {
    return settings.load;
  }

  Execution execution(LoadSettings chosen, Callers callers, Requests requests) {
    return execution(chosen, callers, requests, 0, settings.progress);
  }

  /** An execution whose progress nobody hears of, as one of many. */
  Execution quietly(LoadSettings chosen, Callers callers, Requests requests, long firstRequest) {
    return execution(chosen, callers, requests, firstRequest, ProgressListener.none());
  }

  long seed() {
    return settings.seed;
  }

  private Execution execution(
      LoadSettings chosen,
      Callers callers,
      Requests requests,
      long firstRequest,
      ProgressListener progress) {
    long[] schedule =
        chosen.load() instanceof Load.Open open
            ? open.schedule(chosen.length(), chosen.seed())
            : null;
    return new Execution(
        chosen, schedule, callers, requests, firstRequest, settings.cancellation, progress);
  }

  void progress(String task, long done, long total) {
    settings.progress.onProgress(Stage.BENCHMARK, task, done, total);
  }

  /**
   * Returns how a subject would be loaded.
   *
   * @param subject the subject, asked for its usual number of callers if none was set
   * @return the settings
   */
  public LoadSettings settings(Subject subject) {
    int workers =
        settings.load instanceof Load.Closed closed
            ? closed.clients()
            : settings.workers.orElseGet(subject::usualCallers);
    return new LoadSettings(
        settings.load,
        settings.warmUp,
        settings.untilSteady,
        settings.duration,
        settings.drainLimit,
        workers,
        settings.seed,
        settings.lagShare,
        settings.latencyLimit);
  }

  /** Describes a test. */
  public static final class Builder {
    private static final Duration USUAL_DURATION = Duration.ofSeconds(60);
    private static final Duration USUAL_WARM_UP = Duration.ofSeconds(5);
    private static final Duration USUAL_DRAIN_LIMIT = Duration.ofSeconds(10);
    private static final double USUAL_LAG_SHARE = 0.1;
    private static final int USUAL_BLOCKS = 30;
    private static final int LEAST_BLOCKS = 5;

    private final Load load;
    private Duration duration = USUAL_DURATION;
    private Duration warmUp = USUAL_WARM_UP;
    private boolean untilSteady;
    private Duration drainLimit = USUAL_DRAIN_LIMIT;
    private OptionalInt workers = OptionalInt.empty();
    private long seed = 1;
    private double lagShare = USUAL_LAG_SHARE;
    private Optional<Duration> latencyLimit = Optional.empty();
    private int blocks = USUAL_BLOCKS;
    private Cancellation cancellation = new Cancellation();
    private ProgressListener progress = ProgressListener.none();

    private Builder(Load load) {
      this.load = load;
    }

    private Builder(Builder other) {
      load = other.load;
      duration = other.duration;
      warmUp = other.warmUp;
      untilSteady = other.untilSteady;
      drainLimit = other.drainLimit;
      workers = other.workers;
      seed = other.seed;
      lagShare = other.lagShare;
      latencyLimit = other.latencyLimit;
      blocks = other.blocks;
      cancellation = other.cancellation;
      progress = other.progress;
    }

    /**
     * Sets for how long requests count, after the warm-up.
     *
     * @param time a minute if not set
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder duration(Duration time) {
      Objects.requireNonNull(time, "time");
      Schedules.requirePositive(time);
      duration = time;
      return this;
    }

    /**
     * Sets how long the load runs before requests count. The load does not begin anew afterwards.
     *
     * @param time 5 seconds if not set
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder warmUp(Duration time) {
      warmUp = requireTime(time);
      untilSteady = false;
      return this;
    }

    /**
     * Lets requests count as soon as their latencies are steady, by change points of their medians.
     * The run takes as long as it would with a warm-up of that length, and one that is not steady
     * by then has that for its warm-up; see {@link LoadRun#steadyState} for the verdict. A
     * comparison and a search take it as a warm-up of that length.
     *
     * @param most the longest warm-up
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder warmUpUntilSteady(Duration most) {
      Objects.requireNonNull(most, "most");
      Schedules.requirePositive(most);
      warmUp = most;
      untilSteady = true;
      return this;
    }

    /**
     * Sets how long after its duration a test may go on to serve requests that wait.
     *
     * @param time 10 seconds if not set
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public Builder drainLimit(Duration time) {
      drainLimit = requireTime(time);
      return this;
    }

    /**
     * Sets how many requests may be under way at once; others wait for their turn.
     *
     * @param count the subject's {@linkplain Subject#usualCallers() usual} number if not set
     * @return this
     * @throws IllegalArgumentException if there is not at least one, or the load is a closed loop
     *     of another number of clients
     */
    public Builder workers(int count) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "Tried to send requests with " + count + " workers; it takes at least 1.");
      }
      if (load instanceof Load.Closed closed && closed.clients() != count) {
        throw new IllegalArgumentException(
            "Tried to run "
                + load
                + " with "
                + count
                + " workers; a closed loop has one for each client. Leave the workers out.");
      }
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
     * Sets how late the generator itself may be before the run is void.
     *
     * @param share its lag's P99 as a share of the latency's, 0.1 if not set
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder lagShare(double share) {
      if (!(share > 0)) {
        throw new IllegalArgumentException(
            "Tried to allow a lag of " + share + " of the latency; give a share above 0.");
      }
      lagShare = share;
      return this;
    }

    /**
     * Sets how soon an answer must come to be of use.
     *
     * @param limit the longest latency that counts as good
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder latencyLimit(Duration limit) {
      Objects.requireNonNull(limit, "limit");
      Schedules.requirePositive(limit);
      latencyLimit = Optional.of(limit);
      return this;
    }

    /**
     * Sets into how many blocks a comparison cuts its duration.
     *
     * @param count 30 if not set; with fewer an interval is wide, and with more a block is short
     *     for a high percentile
     * @return this
     * @throws IllegalArgumentException if there are not at least 5
     */
    public Builder blocks(int count) {
      if (count < LEAST_BLOCKS) {
        throw new IllegalArgumentException(
            "Tried to compare in " + count + " blocks; an interval takes at least 5.");
      }
      blocks = count;
      return this;
    }

    /**
     * Sets the switch that stops a run.
     *
     * @param stop the switch
     * @return this
     */
    public Builder cancellation(Cancellation stop) {
      cancellation = Objects.requireNonNull(stop, "stop");
      return this;
    }

    /**
     * Sets who hears of progress, in milliseconds of the run's length.
     *
     * @param listener the listener, called by the thread that runs the test
     * @return this
     */
    public Builder progress(ProgressListener listener) {
      progress = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Makes the test.
     *
     * @return a test that later changes of this builder do not reach
     */
    public LoadTest build() {
      return new LoadTest(new Builder(this));
    }

    private static Duration requireTime(Duration time) {
      Objects.requireNonNull(time, "time");
      if (time.isNegative()) {
        throw new IllegalArgumentException("Tried to set a time of " + time + "; give 0 or more.");
      }
      return time;
    }
  }
}

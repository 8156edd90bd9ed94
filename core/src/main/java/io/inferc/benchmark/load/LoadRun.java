package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.LittlesLaw;
import io.inferc.benchmark.statistics.SteadyState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What a subject did under a load.
 *
 * <p>All figures are of the requests that were meant to start after the warm-up; {@link #samples}
 * has the others too. Look at {@link #voidReasons} first: a run that cannot be trusted says so.
 * Immutable and safe for use by several threads.
 */
public final class LoadRun {
  private static final double NANOS = 1e9;

  private final String subject;
  private final LoadSettings settings;
  private final Instant startedAt;
  private final Observed observed;
  private final LoadSamples samples;
  private final List<Failure> failures;
  private final long from;
  private final LatencyDistribution latency;
  private final LatencyDistribution lag;

  LoadRun(
      String subject,
      LoadSettings settings,
      Instant startedAt,
      Observed observed,
      LoadSamples samples,
      List<Failure> failures) {
    this.subject = subject;
    this.settings = settings;
    this.startedAt = startedAt;
    this.observed = observed;
    this.samples = samples;
    this.failures = List.copyOf(failures);
    long warmUp = Math.min(settings.warmUp().toNanos(), observed.length());
    from =
        settings.untilSteady()
            ? Math.min(warmUp, RunChecks.steadyFrom(samples, observed.length()))
            : warmUp;
    latency = distribution(i -> !samples.isAnswered(i) || isOk(i), this::latencyOf);
    lag = distribution(samples::isSent, samples::lag);
  }

  /**
   * Reads a run that was kept.
   *
   * @param file what {@link #write} wrote
   * @return the run, all of whose figures are worked out anew
   * @throws io.inferc.common.InfercException if it cannot be read, or is no such file
   */
  public static LoadRun read(Path file) {
    return RunFile.read(Objects.requireNonNull(file, "file"));
  }

  /**
   * Keeps the run with its settings and all samples, some ten bytes a request.
   *
   * @param file where to; what is there is replaced when all is written
   * @throws io.inferc.common.InfercException if it cannot be written
   */
  public void write(Path file) {
    RunFile.write(this, Objects.requireNonNull(file, "file"));
  }

  /**
   * Returns what was measured.
   *
   * @return the subject's name
   */
  public String subject() {
    return subject;
  }

  /**
   * Returns how it was measured.
   *
   * @return the settings
   */
  public LoadSettings settings() {
    return settings;
  }

  /**
   * Returns when the run started.
   *
   * @return the moment
   */
  public Instant startedAt() {
    return startedAt;
  }

  /**
   * Returns what became of every request.
   *
   * @return the raw samples, those of the warm-up included
   */
  public LoadSamples samples() {
    return samples;
  }

  /**
   * Returns when requests began to count.
   *
   * @return the time from the start of the run
   */
  public Duration warmedUpAfter() {
    return Duration.ofNanos(from);
  }

  /**
   * Returns for how long requests counted.
   *
   * @return the time from the end of the warm-up to the end of the load
   */
  public Duration measured() {
    return Duration.ofNanos(observed.length() - from);
  }

  /**
   * Returns how long the run went on when no more requests came, until those that waited were
   * served or the limit was reached. Long beside the run, it says that the subject fell behind.
   *
   * @return the time, 0 or more
   */
  public Duration drained() {
    return Duration.ofNanos(Math.max(0, observed.ended() - observed.length()));
  }

  /**
   * Returns how many requests were meant to start.
   *
   * @return the number
   */
  public long requests() {
    return chosen(i -> true).length;
  }

  /**
   * Returns how requests ended.
   *
   * @return how many ended in which way, every way included
   */
  public Map<Answer.Outcome, Long> outcomes() {
    Map<Answer.Outcome, Long> counts = new EnumMap<>(Answer.Outcome.class);
    for (Answer.Outcome outcome : Answer.Outcome.values()) {
      counts.put(outcome, (long) chosen(i -> samples.outcome(i) == outcome).length);
    }
    return counts;
  }

  /**
   * Returns what was said of requests that failed, the first messages of each outcome.
   *
   * @return the messages, those of the warm-up included
   */
  public List<Failure> failures() {
    return failures;
  }

  /**
   * Returns how many requests were answered, but by a failure.
   *
   * @return the number
   */
  public long failed() {
    return chosen(i -> samples.isAnswered(i) && !isOk(i)).length;
  }

  /**
   * Returns how many requests still waited when the run ended, and were never sent.
   *
   * @return the number
   */
  public long unsent() {
    return chosen(i -> !samples.isSent(i)).length;
  }

  /**
   * Returns how many requests were sent, but had no answer when the run ended.
   *
   * @return the number
   */
  public long unanswered() {
    return chosen(i -> samples.isSent(i) && !samples.isAnswered(i)).length;
  }

  /**
   * Tells whether the subject fell so far behind that requests were never sent. How long the others
   * took then depends on how long the run was.
   *
   * @return whether it did
   */
  public boolean isSaturated() {
    return unsent() > 0;
  }

  /**
   * Returns how many requests came.
   *
   * @return requests a second
   */
  public double offeredRate() {
    return requests() / seconds();
  }

  /**
   * Returns how many requests were answered well.
   *
   * @return answers a second within the measured time
   */
  public double throughput() {
    return goodInTime(Long.MAX_VALUE) / seconds();
  }

  /**
   * Returns how many requests were answered well and within a limit.
   *
   * @param limit the longest latency that counts
   * @return answers a second within the measured time
   */
  public double goodput(Duration limit) {
    return goodInTime(limit.toNanos()) / seconds();
  }

  /**
   * Returns the goodput at the limit of the settings.
   *
   * @return answers a second, empty if no limit was set
   */
  public OptionalDouble goodput() {
    return settings.latencyLimit().isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(goodput(settings.latencyLimit().get()));
  }

  /**
   * Returns how long requests took from the moment that they were meant to start. Those that failed
   * are left out and counted in {@link #failed}; those without an answer took forever.
   *
   * @return the times
   */
  public LatencyDistribution latency() {
    return latency;
  }

  /**
   * Returns the latency of one kind of requests.
   *
   * @param kind the kind, one of the {@linkplain LoadSamples#kinds() samples'}
   * @return the times of those answered well
   */
  public LatencyDistribution latency(String kind) {
    int number = samples.kinds().indexOf(Objects.requireNonNull(kind, "kind"));
    if (number < 0) {
      throw new IllegalArgumentException(
          "Tried to look at requests of the kind '"
              + kind
              + "'; there are "
              + samples.kinds()
              + ".");
    }
    return distribution(i -> isOk(i) && samples.kindNumber(i) == number, samples::latency);
  }

  /**
   * Returns how long requests waited for a free worker.
   *
   * @return the times of all that were sent
   */
  public LatencyDistribution queueing() {
    return distribution(samples::isSent, samples::queueing);
  }

  /**
   * Returns how long the subject took, without waiting.
   *
   * @return the times of those answered well
   */
  public LatencyDistribution service() {
    return distribution(this::isOk, samples::service);
  }

  /**
   * Returns how late the generator was, of its own fault.
   *
   * @return the times of all that were sent
   */
  public LatencyDistribution lag() {
    return lag;
  }

  /**
   * Returns what the latencies would have been, had the generator never been late: the same
   * arrivals and times of service, gone through again. In a closed loop the same as {@link
   * #service}.
   *
   * @return the times
   */
  public LatencyDistribution withoutLag() {
    if (settings.load() instanceof Load.Closed) {
      return service();
    }
    return LagEffect.withoutLag(
        samples,
        settings.workers(),
        observed.ended(),
        i -> isMeasured(i) && (!samples.isAnswered(i) || isOk(i)));
  }

  /**
   * Returns how fast answers came that came in parts.
   *
   * @return the figures, empty if there was no such answer
   */
  public Optional<StreamFigures> streams() {
    int[] streamed = chosen(i -> isOk(i) && samples.stream(i) != null);
    if (streamed.length == 0) {
      return Optional.empty();
    }
    long tokens = 0;
    for (int i = 0; i < samples.size(); i++) {
      StreamTimes stream = samples.stream(i);
      if (stream != null
          && isOk(i)
          && samples.end(i) >= from
          && samples.end(i) < observed.length()) {
        tokens += stream.tokens();
      }
    }
    return Optional.of(StreamFigures.of(samples, streamed, tokens, seconds()));
  }

  /**
   * Returns the processor time that a request took in this process, all of its threads together; of
   * a subject in another process that is the client's share alone.
   *
   * @return seconds, empty where the system does not tell or the run was too short
   */
  public OptionalDouble cpuSecondsPerRequest() {
    return observed.cpuSecondsPerRequest();
  }

  /**
   * Returns how many requests were in the system on average, waiting or being served, as another
   * thread saw it at random moments.
   *
   * @return the number, empty in a closed loop
   */
  public OptionalDouble observedInSystem() {
    return observed.inSystem();
  }

  /**
   * Holds the figures to Little's law: the number of requests in the system, which another thread
   * saw, must be the rate at which they came times the time that they stayed.
   *
   * @return the check, per second, empty in a closed loop or if the run was too short to look at
   */
  public Optional<LittlesLaw> littlesLaw() {
    return RunChecks.littlesLaw(samples, chosen(i -> true), from, observed);
  }

  /**
   * Tells whether the subject was steady over the measured time, or still warming up, by the median
   * latency of each of some equal parts of it.
   *
   * @return the verdict; {@linkplain SteadyState.Verdict#TOO_SHORT too short} where parts would
   *     have few requests
   */
  public SteadyState steadyState() {
    return RunChecks.steadyState(latency);
  }

  /**
   * Returns how long requests took, where those that failed took forever, for a limit to be held
   * to: a server that refuses what it cannot serve has short latencies otherwise.
   *
   * @return the times of all requests
   */
  public LatencyDistribution latencyWithFailures() {
    return distribution(i -> true, i -> isOk(i) ? samples.latency(i) : Double.POSITIVE_INFINITY);
  }

  Observed observed() {
    return observed;
  }

  /**
   * Says why the run cannot be trusted.
   *
   * @return whole sentences, none if it can
   */
  public List<String> voidReasons() {
    List<String> reasons = new ArrayList<>();
    if (chosen(this::isOk).length == 0) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "None of %,d requests was answered well%s.",
              requests(),
              failures.isEmpty() ? "" : " (" + failures.get(0) + ")"));
      return reasons;
    }
    LagCheck.reason(latency, lag, this::withoutLag, settings.lagShare()).ifPresent(reasons::add);
    littlesLaw().filter(law -> !law.holds()).ifPresent(law -> reasons.add(law.explanation()));
    return reasons;
  }

  /**
   * By how many more requests were in the system at the end of the measured time than before it.
   */
  long piledUp() {
    return RunChecks.inSystemAt(samples, observed.length(), observed)
        - RunChecks.inSystemAt(samples, from, observed);
  }

  /** Whether figures are missing or contradict each other, be the generator late or not. */
  boolean isBroken() {
    return chosen(this::isOk).length == 0 || littlesLaw().filter(law -> !law.holds()).isPresent();
  }

  /**
   * Tells whether the run cannot be trusted.
   *
   * @return whether there are {@link #voidReasons}
   */
  public boolean isVoid() {
    return !voidReasons().isEmpty();
  }

  private double latencyOf(int index) {
    return samples.isAnswered(index) ? samples.latency(index) : Double.POSITIVE_INFINITY;
  }

  private boolean isMeasured(int index) {
    return samples.intended(index) >= from && samples.intended(index) < observed.length();
  }

  private boolean isOk(int index) {
    return samples.outcome(index) == Answer.Outcome.OK;
  }

  private double seconds() {
    return (observed.length() - from) / NANOS;
  }

  private long goodInTime(long limit) {
    return IntStream.range(0, samples.size())
        .filter(
            i ->
                isOk(i)
                    && samples.end(i) >= from
                    && samples.end(i) < observed.length()
                    && samples.latency(i) <= limit)
        .count();
  }

  private int[] chosen(IntPredicate which) {
    return IntStream.range(0, samples.size()).filter(i -> isMeasured(i) && which.test(i)).toArray();
  }

  private LatencyDistribution distribution(IntPredicate which, IntToDoubleFunction nanos) {
    int[] chosen = chosen(which);
    double[] values = new double[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      values[i] = nanos.applyAsDouble(chosen[i]);
    }
    return LatencyDistribution.ofNanos(values);
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s under %s: %.1f/s of %.1f/s, %s%s",
        subject,
        settings.load(),
        throughput(),
        offeredRate(),
        latency,
        isVoid() ? " (void: " + String.join(" ", voidReasons()) + ")" : "");
  }
}

package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.LittlesLaw;
import io.inferc.benchmark.statistics.SteadyState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * What one subject did in all blocks of a plan, its turns between those of others taken together.
 *
 * @param settings how it was measured, all blocks together
 * @param subject its name
 * @param runs the blocks, in the order of time
 */
public record LoadBlocks(LoadSettings settings, String subject, List<LoadRun> runs) {
  /** Of the requests that came; each block begins with none waiting. */
  private static final double MOST_PILED_UP = 0.05;

  public LoadBlocks {
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(subject, "subject");
    runs = List.copyOf(runs);
  }

  /**
   * Returns how long requests took from the moment that they were meant to start.
   *
   * @return those of all blocks together
   */
  public LatencyDistribution latency() {
    return pooled(LoadRun::latency);
  }

  /**
   * Returns how long requests waited for a free worker.
   *
   * @return those of all blocks together
   */
  public LatencyDistribution queueing() {
    return pooled(LoadRun::queueing);
  }

  /**
   * Returns how long the subject took, without waiting.
   *
   * @return those of all blocks together
   */
  public LatencyDistribution service() {
    return pooled(LoadRun::service);
  }

  /**
   * Returns how late the generator was, of its own fault.
   *
   * @return those of all blocks together
   */
  public LatencyDistribution lag() {
    return pooled(LoadRun::lag);
  }

  /**
   * Returns how many requests were meant to start.
   *
   * @return the number
   */
  public long requests() {
    return sum(LoadRun::requests);
  }

  /**
   * Returns how many requests were answered, but by a failure.
   *
   * @return the number
   */
  public long failed() {
    return sum(LoadRun::failed);
  }

  /**
   * Returns how many requests were never sent.
   *
   * @return the number
   */
  public long unsent() {
    return sum(LoadRun::unsent);
  }

  /**
   * Returns how requests ended.
   *
   * @return how many ended in which way, every way included
   */
  public Map<Answer.Outcome, Long> outcomes() {
    Map<Answer.Outcome, Long> counts = new EnumMap<>(Answer.Outcome.class);
    for (LoadRun run : runs) {
      run.outcomes().forEach((outcome, count) -> counts.merge(outcome, count, Long::sum));
    }
    return counts;
  }

  /**
   * Returns what was said of requests that failed.
   *
   * @return the first messages of each block
   */
  public List<Failure> failures() {
    return runs.stream().flatMap(run -> run.failures().stream()).toList();
  }

  /**
   * Returns how many requests came.
   *
   * @return requests a second, the mean of the blocks
   */
  public double offeredRate() {
    return mean(LoadRun::offeredRate);
  }

  /**
   * Returns how many requests were answered well.
   *
   * @return answers a second, the mean of the blocks
   */
  public double throughput() {
    return mean(LoadRun::throughput);
  }

  /**
   * Returns how many requests were answered well and within the limit of the settings.
   *
   * @return answers a second, the mean of the blocks; empty if no limit was set
   */
  public OptionalDouble goodput() {
    return settings.latencyLimit().isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(mean(run -> run.goodput(settings.latencyLimit().get())));
  }

  /**
   * Returns the processor time that a request took in this process, all of its threads together; of
   * a subject in another process that is the client's share alone.
   *
   * @return seconds, the mean of the blocks that tell, empty if none does
   */
  public OptionalDouble cpuSecondsPerRequest() {
    return runs.stream()
        .map(LoadRun::cpuSecondsPerRequest)
        .filter(OptionalDouble::isPresent)
        .mapToDouble(OptionalDouble::getAsDouble)
        .average();
  }

  /**
   * Returns how fast answers came that came in parts.
   *
   * @return the figures of all blocks together, empty if there was no such answer
   */
  public Optional<StreamFigures> streams() {
    return StreamFigures.together(runs.stream().flatMap(run -> run.streams().stream()).toList());
  }

  /**
   * Tells whether the subject was steady over the blocks: the median latency of each in which
   * requests came.
   *
   * @return the verdict
   * @throws IllegalArgumentException if half of a block's requests or more had no answer
   */
  public SteadyState steadiness() {
    return SteadyState.of(
        runs.stream()
            .map(LoadRun::latency)
            .filter(latency -> latency.count() > 0)
            .mapToDouble(latency -> latency.percentile(50).value())
            .toArray());
  }

  /**
   * Says why these figures cannot be trusted.
   *
   * @return whole sentences that begin with the subject's name, none if they can
   */
  public List<String> voidReasons() {
    List<String> reasons = new ArrayList<>();
    if (outcomes().getOrDefault(Answer.Outcome.OK, 0L) == 0) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%s: none of %,d requests was answered well%s.",
              subject,
              requests(),
              failures().stream().findFirst().map(f -> " (" + f + ")").orElse("")));
      return reasons;
    }
    // A block alone is short, and one hiccup of the machine much of it; all subjects have their
    // share.
    LagCheck.reason(latency(), lag(), () -> pooled(LoadRun::withoutLag), settings.lagShare())
        .ifPresent(reason -> reasons.add(subject + ": " + reason));
    if (unsent() > 0) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%s: it fell behind, and %,d requests were never sent. Compare at a lower rate.",
              subject,
              unsent()));
    }
    long piled = sum(LoadRun::piledUp);
    double piledUp = (double) piled / Math.max(1, requests());
    // One more or less at the end of a block is chance.
    if (settings.load() instanceof Load.Open
        && unsent() == 0
        && piled > runs.size()
        && piledUp > MOST_PILED_UP) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%s: requests pile up within its blocks (%.0f %% of those that came), so that"
                  + " latencies depend on how long a block is. Compare at a lower rate, or in fewer"
                  + " and longer blocks.",
              subject,
              100 * piledUp));
    }
    if (failed() > 0) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%s: %,d requests failed (%s), and latencies leave them out.",
              subject,
              failed(),
              failures().stream().findFirst().map(Failure::message).orElse("")));
    }
    List<LittlesLaw> laws = runs.stream().flatMap(run -> run.littlesLaw().stream()).toList();
    long breaches = laws.stream().filter(law -> !law.holds()).count();
    if (2 * breaches > laws.size()) {
      reasons.add(subject + ": Little's law is broken in " + breaches + " blocks.");
    }
    return reasons;
  }

  /** A figure of each block. */
  double[] each(ToDoubleFunction<LoadRun> figure) {
    return runs.stream().mapToDouble(figure).toArray();
  }

  private double mean(ToDoubleFunction<LoadRun> figure) {
    return Arrays.stream(each(figure)).average().orElse(0);
  }

  private long sum(ToLongFunction<LoadRun> count) {
    return runs.stream().mapToLong(count).sum();
  }

  /**
   * Returns the latencies with the requests that failed or had no answer, as ones that took
   * forever.
   *
   * @return those of all blocks together
   */
  public LatencyDistribution latencyWithFailures() {
    return pooled(LoadRun::latencyWithFailures);
  }

  private LatencyDistribution pooled(Function<LoadRun, LatencyDistribution> times) {
    return LatencyDistribution.together(runs.stream().map(times).toList());
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s under %s in %d blocks: %.1f/s of %.1f/s, %s",
        subject,
        settings.load(),
        runs.size(),
        throughput(),
        offeredRate(),
        latency());
  }
}

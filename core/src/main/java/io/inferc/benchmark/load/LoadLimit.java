package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.PercentileBound;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The highest load that keeps a latency limit, and every run on the way: in the order of their
 * rates they are the curve of latency against load.
 *
 * @param percentile the percentile that was held to the limit
 * @param limit the limit
 * @param probes the runs, in the order of time
 */
public record LoadLimit(double percentile, Duration limit, List<Probe> probes) {
  public LoadLimit {
    Objects.requireNonNull(limit, "limit");
    probes = List.copyOf(probes);
  }

  /**
   * One run.
   *
   * @param rate requests a second that came on average
   * @param bound what the percentile is not above, in milliseconds, counting requests that failed
   *     or had no answer as ones that took forever; empty if the run was ended early
   * @param verdict what the run showed
   * @param run the run
   */
  public record Probe(double rate, Optional<PercentileBound> bound, Verdict verdict, LoadRun run) {
    public Probe {
      Objects.requireNonNull(bound, "bound");
      Objects.requireNonNull(verdict, "verdict");
      Objects.requireNonNull(run, "run");
    }
  }

  /** What a run showed of a rate. */
  public enum Verdict {
    /** The percentile is shown to be within the limit. */
    KEPT,
    /** It is not shown to be. */
    NOT_SHOWN,
    /** So many requests waited for longer that the run was ended early. */
    HOPELESS,
    /**
     * The percentile is not shown to be within the limit, but the generator was late, or the run's
     * figures do not fit each other: nothing is shown.
     */
    VOID
  }

  /**
   * Returns the highest rate that was shown to keep the limit, and below which no rate was tried
   * that did not.
   *
   * @return requests a second, empty if none was
   */
  public OptionalDouble rate() {
    OptionalDouble broken = refusedRate();
    return probes.stream()
        .filter(p -> p.verdict() == Verdict.KEPT)
        .mapToDouble(Probe::rate)
        .filter(rate -> broken.isEmpty() || rate < broken.getAsDouble())
        .max();
  }

  /**
   * Returns the lowest rate that was not shown to keep the limit, void runs apart.
   *
   * @return requests a second, empty if there is none: the true limit is higher than was tried
   */
  public OptionalDouble refusedRate() {
    return probes.stream()
        .filter(p -> p.verdict() == Verdict.NOT_SHOWN || p.verdict() == Verdict.HOPELESS)
        .mapToDouble(Probe::rate)
        .min();
  }

  /**
   * Tells whether the true limit is between two rates that were tried.
   *
   * @return false if no rate was shown to keep the limit, or every one was, so that the rate is but
   *     a lower bound
   */
  public boolean isBracketed() {
    return rate().isPresent() && refusedRate().isPresent();
  }

  /**
   * Returns the run at the {@link #rate}.
   *
   * @return the run, empty if no rate was shown to keep the limit
   */
  public Optional<LoadRun> run() {
    OptionalDouble rate = rate();
    return probes.stream()
        .filter(
            p -> p.verdict() == Verdict.KEPT && rate.isPresent() && p.rate() == rate.getAsDouble())
        .map(Probe::run)
        .findFirst();
  }

  /** Returns one line. */
  @Override
  public String toString() {
    String found =
        rate().isPresent()
            ? String.format(Locale.ROOT, "up to %.1f/s", rate().getAsDouble())
            : "at no rate that was tried";
    return String.format(
        Locale.ROOT,
        "P%s within %s %s, after %d runs",
        LoadText.number(percentile),
        LoadText.duration(limit),
        found,
        probes.size());
  }
}

package io.inferc.benchmark;

import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import java.util.Objects;

/**
 * What {@link BudgetSentences} are made of.
 *
 * @param baseline what the subject to compare with is called
 * @param candidate what the subject in question is called
 * @param latencyLimit at which both throughputs were found, for example {@code P95 within 50 ms}
 * @param baselineThroughput requests a second at that limit
 * @param candidateThroughput requests a second at that limit
 * @param throughput the candidate's throughput over the baseline's
 * @param load under which both latencies were measured, for example {@code 200 requests/s, Poisson}
 * @param p95 the candidate's P95 latency over the baseline's under that load
 * @param p95Differs whether that comparison shows a difference; an interval that excludes 1 does
 *     not by itself, where the ranks do not agree
 * @param baselineCost of the machine that served the baseline
 * @param candidateCost of the machine that served the candidate, often the same; in the same
 *     currency
 */
public record BudgetFigures(
    String baseline,
    String candidate,
    String latencyLimit,
    Estimate baselineThroughput,
    Estimate candidateThroughput,
    RatioEstimate throughput,
    String load,
    RatioEstimate p95,
    boolean p95Differs,
    Cost baselineCost,
    Cost candidateCost) {
  /** Checks the ratios and currencies. */
  public BudgetFigures {
    Objects.requireNonNull(baseline, "baseline");
    Objects.requireNonNull(candidate, "candidate");
    Objects.requireNonNull(latencyLimit, "latencyLimit");
    Objects.requireNonNull(baselineThroughput, "baselineThroughput");
    Objects.requireNonNull(candidateThroughput, "candidateThroughput");
    Objects.requireNonNull(load, "load");
    requireOrdered("throughputs", throughput);
    requireOrdered("latencies", p95);
    Objects.requireNonNull(baselineCost, "baselineCost");
    Objects.requireNonNull(candidateCost, "candidateCost");
    if (!baselineCost.currency().equals(candidateCost.currency())) {
      throw new IllegalArgumentException(
          "Tried to compare a cost in "
              + baselineCost.currency()
              + " with one in "
              + candidateCost.currency()
              + "; give both in one currency, as nothing is converted.");
    }
  }

  /**
   * Returns what requests cost with the candidate over what they cost with the baseline.
   *
   * @return the inverse of the throughputs' ratio, by the prices of the machines, which are taken
   *     as exact
   */
  public RatioEstimate costRatio() {
    double prices = candidateCost.perHour() / baselineCost.perHour();
    RatioEstimate work = throughput.inverse();
    return new RatioEstimate(
        work.ratio() * prices, work.low() * prices, work.high() * prices, work.confidence());
  }

  private static void requireOrdered(String what, RatioEstimate ratio) {
    Objects.requireNonNull(ratio, what);
    boolean isOrdered =
        ratio.low() >= 0 && ratio.low() <= ratio.ratio() && ratio.ratio() <= ratio.high();
    if (!isOrdered || !(ratio.ratio() > 0) || Double.isInfinite(ratio.ratio())) {
      throw new IllegalArgumentException(
          "Tried to state a ratio of "
              + what
              + " of "
              + ratio
              + "; it must be positive and finite, and lie within its bounds.");
    }
  }
}

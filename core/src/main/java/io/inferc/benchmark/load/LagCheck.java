package io.inferc.benchmark.load;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether the generator itself was so late that latencies tell of it and not of the subject. */
final class LagCheck {
  private static final double PERCENTILE = 99;

  private LagCheck() {}

  /**
   * Judges.
   *
   * @param latency what was measured
   * @param lag how late requests were sent
   * @param withoutLag what the latency had been without
   * @param share how much of the latency's P99 the generator may make
   * @return a sentence, empty if the figures can be trusted
   */
  static Optional<String> reason(
      LatencyDistribution latency,
      LatencyDistribution lag,
      Supplier<LatencyDistribution> withoutLag,
      double share) {
    if (latency.count() == 0 || lag.count() == 0) {
      return Optional.empty();
    }
    double slow = latency.quantile(PERCENTILE);
    double late = lag.quantile(PERCENTILE);
    if (late > share * slow) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "The generator itself was late: its lag has a P99 of %.3f ms beside %.3f ms of the"
                  + " latency, and %s %% are allowed. Quieten the machine, lower the rate, or take"
                  + " fewer workers.",
              late,
              slow,
              LoadText.number(100 * share)));
    }
    LatencyDistribution punctual = withoutLag.get();
    if (punctual.count() == 0) {
      return Optional.empty();
    }
    double without = punctual.quantile(PERCENTILE);
    if (slow - without > share * slow) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "The generator itself was late, and delayed what waited behind: the latency has a P99"
                  + " of %.3f ms, and without the lag had one of %.3f ms. Quieten the machine, or"
                  + " lower the rate.",
              slow,
              without));
    }
    return Optional.empty();
  }
}

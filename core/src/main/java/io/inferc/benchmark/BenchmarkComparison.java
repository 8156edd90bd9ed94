package io.inferc.benchmark;

import java.util.Locale;

/**
 * A compiled model measured against its original.
 *
 * @param workload the request that was sent
 * @param options how it was measured
 * @param environment where
 * @param original what the original did
 * @param compiled what the compiled model did
 * @param latencyRatio median latency of the original over that of the compiled model: above 1, the
 *     compiled model is faster
 * @param throughputRatio throughput of the compiled model over that of the original: above 1, the
 *     compiled model does more
 * @param memory the memory of the process
 */
public record BenchmarkComparison(
    String workload,
    BenchmarkOptions options,
    Environment environment,
    Measurement original,
    Measurement compiled,
    RatioInterval latencyRatio,
    RatioInterval throughputRatio,
    MemoryUsage memory) {
  /** Returns a table for a person. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "benchmark %s, %s%n", workload, options.load()));
    row(text, "original", original);
    row(text, "compiled", compiled);
    text.append(
        String.format(
            Locale.ROOT,
            "  speed-up: median latency %s, throughput %s (95 %% intervals, %d rounds)%n",
            latencyRatio,
            throughputRatio,
            options.rounds()));
    memory
        .peakResident()
        .ifPresent(
            peak ->
                text.append(
                    String.format(
                        Locale.ROOT, "  peak memory of the process: %.0f MiB%n", peak / 0x1p20)));
    return text.toString();
  }

  private static void row(StringBuilder text, String label, Measurement m) {
    text.append(
        String.format(
            Locale.ROOT,
            "  %-9s %s, %.1f runs/s (%s)%n",
            label,
            m.latency(),
            m.throughput(),
            m.model()));
  }
}

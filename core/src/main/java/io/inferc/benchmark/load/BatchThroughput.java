package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.RatioEstimate;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What a subject does at one size of batch.
 *
 * @param batch how many samples a request has
 * @param requestsPerSecond requests answered well, a second
 * @param samplesPerSecond the same times the batch
 * @param overFirst how many times the samples a second of the first size that was measured, empty
 *     if one of both answered nothing in some round
 * @param latency how long requests took
 */
public record BatchThroughput(
    int batch,
    double requestsPerSecond,
    double samplesPerSecond,
    Optional<RatioEstimate> overFirst,
    LatencyDistribution latency) {
  public BatchThroughput {
    Objects.requireNonNull(overFirst, "overFirst");
    Objects.requireNonNull(latency, "latency");
  }

  /** Returns for example {@code batch 8: 412.0 samples/s, 1.840 [1.790, 1.900] times}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "batch %d: %.1f samples/s%s",
        batch,
        samplesPerSecond,
        overFirst.map(ratio -> ", " + ratio + " times").orElse(""));
  }
}

package io.inferc.benchmark;

import java.util.List;

/**
 * What one model did.
 *
 * @param model the model's name and target
 * @param latency the latencies of all its counted runs
 * @param throughput runs a second, over all its rounds
 * @param rounds the raw figures of each round, in order
 */
public record Measurement(
    String model, LatencySummary latency, double throughput, List<Round> rounds) {
  public Measurement {
    rounds = List.copyOf(rounds);
  }

  /**
   * One turn of a model.
   *
   * @param latency the latencies of the turn
   * @param throughput runs a second in the turn
   */
  public record Round(LatencySummary latency, double throughput) {}
}

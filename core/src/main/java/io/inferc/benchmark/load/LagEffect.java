package io.inferc.benchmark.load;

import java.util.PriorityQueue;
import java.util.function.IntPredicate;

/**
 * What the latencies would have been, had the generator never been late. A request that is sent
 * late delays those that wait behind it, which its own lag does not show; so the queue is gone
 * through again with the same times of service (the recurrence of J. Kiefer and J. Wolfowitz, "On
 * the Theory of Queues with Many Servers", 1955).
 */
final class LagEffect {
  private LagEffect() {}

  /**
   * Goes through an open load's queue.
   *
   * @param samples the requests
   * @param workers how many were served at once
   * @param end when the run ended, for those without an answer
   * @param which those whose latency is asked for, all of them sent
   */
  static LatencyDistribution withoutLag(
      LoadSamples samples, int workers, long end, IntPredicate which) {
    PriorityQueue<Long> free = new PriorityQueue<>();
    for (int i = 0; i < workers; i++) {
      free.add(0L);
    }
    Doubles latencies = new Doubles();
    for (int i = 0; i < samples.size(); i++) {
      if (samples.isSent(i)) {
        boolean answered = samples.isAnswered(i);
        long service = answered ? samples.service(i) : Math.max(0, end - samples.start(i));
        long done = Math.max(free.remove(), samples.intended(i)) + service;
        free.add(done);
        if (which.test(i)) {
          latencies.add(answered ? done - samples.intended(i) : Double.POSITIVE_INFINITY);
        }
      } else if (which.test(i)) {
        latencies.add(Double.POSITIVE_INFINITY);
      }
    }
    return latencies.distribution();
  }
}

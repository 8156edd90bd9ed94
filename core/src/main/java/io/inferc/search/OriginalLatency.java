package io.inferc.search;

import io.inferc.benchmark.ModelTurns;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.Cancellation;
import io.inferc.runtime.CompiledModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Finds out roughly how long the original takes, so that turns can be set. */
final class OriginalLatency {
  private static final Duration SHORT = Duration.ofMillis(20);

  private OriginalLatency() {}

  /**
   * Returns the latency of each request of a mix in ms, after a run to warm up.
   *
   * @param callers how many call at once, which all wait for the processors that they share
   */
  static List<Double> millis(
      CompiledModel model, RequestMix mix, int callers, Cancellation cancellation) {
    List<Double> millis = new ArrayList<>();
    for (RequestMix.Part part : mix.parts()) {
      try (ModelTurns turns = ModelTurns.open(model, part.workload(), callers, cancellation)) {
        turns.turn(Duration.ZERO);
        millis.add(turns.turn(SHORT).latency().p50());
      }
    }
    return millis;
  }
}

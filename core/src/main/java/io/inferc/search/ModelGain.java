package io.inferc.search;

import io.inferc.benchmark.RatioInterval;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.Cancellation;
import io.inferc.runtime.CompiledModel;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** Measures how many times faster one model is than another on a mix of requests, in turns. */
public final class ModelGain {
  private static final int MOST_ROUNDS = 20;

  private ModelGain() {}

  /**
   * Measures.
   *
   * @param from the model to compare with
   * @param to the model in question
   * @param mix the requests with their shares
   * @param time about how long it may take
   * @param cancellation the switch that stops it
   * @return latency of the first over that of the second, by their medians over the mix; above 1,
   *     the second is faster
   * @throws io.inferc.common.InfercException if a run fails
   * @throws io.inferc.common.CancelledException if it was stopped
   */
  public static RatioInterval of(
      CompiledModel from,
      CompiledModel to,
      RequestMix mix,
      Duration time,
      Cancellation cancellation) {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(mix, "mix");
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(cancellation, "cancellation");
    Pace pace = Pace.of(OriginalLatency.millis(from, mix, 1, cancellation), time, 1, 1);
    int rounds = MOST_ROUNDS;
    while (rounds > Pace.LEAST_ROUNDS && pace.race(2, rounds).compareTo(time) > 0) {
      rounds--;
    }
    RaceResult figures =
        new Race(mix, Objective.latency(), cancellation)
            .run(Map.of("from", from, "to", to), pace, rounds);
    return figures.gain("from", "to");
  }
}

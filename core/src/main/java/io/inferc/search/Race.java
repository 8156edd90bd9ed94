package io.inferc.search;

import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.Cancellation;
import io.inferc.common.Stage;
import io.inferc.runtime.CompiledModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Measures several models in turns: every round runs a turn of each, in an order drawn by the
 * round, so that a machine that slows down for a while slows all of them, and any two can be
 * compared round by round.
 */
final class Race implements Racer {
  private static final long SEED = 1;

  private final RequestMix mix;
  private final Objective objective;
  private final Cancellation cancellation;

  Race(RequestMix mix, Objective objective, Cancellation cancellation) {
    this.mix = mix;
    this.objective = objective;
    this.cancellation = cancellation;
  }

  /** A model in the race. */
  private record Side(Runner runner, List<Double> costs, List<Double> millis) {
    RaceResult.Figures figures() {
      return new RaceResult.Figures(costs, millis, runner.keepsLimit());
    }
  }

  @Override
  public RaceResult run(Map<String, CompiledModel> models, Pace pace, int rounds) {
    Map<String, Side> sides = new LinkedHashMap<>();
    try {
      models.forEach(
          (name, model) -> {
            Runner runner = new Runner(model, mix, objective, cancellation);
            sides.put(name, new Side(runner, new ArrayList<>(), new ArrayList<>()));
            runner.warmUp(pace);
          });
      List<Side> order = new ArrayList<>(sides.values());
      Random random = new Random(SEED);
      for (int round = 0; round < rounds; round++) {
        Collections.shuffle(order, random);
        for (Side side : order) {
          cancellation.throwIfCancelled(Stage.SEARCH);
          Runner.Turn turn = side.runner().turn(pace);
          side.costs().add(turn.cost());
          side.millis().add(turn.millis());
        }
      }
      Map<String, RaceResult.Figures> figures = new LinkedHashMap<>();
      sides.forEach((name, side) -> figures.put(name, side.figures()));
      return new RaceResult(figures);
    } finally {
      sides.values().forEach(side -> side.runner().close());
    }
  }
}

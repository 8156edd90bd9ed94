package io.inferc.search;

import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Betters the best mix of a search by changing kinds of layers, single layers, and by exchanging
 * one for another, those that promise most first, until none is left that promises anything.
 */
final class Refinement {
  // Of the original's latency; less cannot be told from noise.
  private static final double LEAST_GAIN = 0.004;
  // What measurements of kinds say may be wrong by this much, since kinds act on each other.
  private static final double KIND_SLACK = 0.01;
  // Noise does not quite add up.
  private static final double NOISE_SLACK = 1.1;

  private record Move(LayerPlan plan, String what, double gain, double slack) {}

  private final SearchRun run;
  private final PrecisionSearch.Settings settings;
  private final Trials trials;
  private final LayerEffects effects;
  private final Map<String, List<String>> kinds;
  private final Set<String> tried = new HashSet<>();
  private double noiseTooMuch = Double.POSITIVE_INFINITY;

  Refinement(
      SearchRun run,
      PrecisionSearch.Settings settings,
      Trials trials,
      LayerEffects effects,
      Map<String, List<String>> kinds) {
    this.run = run;
    this.settings = settings;
    this.trials = trials;
    this.effects = effects;
    this.kinds = kinds;
  }

  /** Returns false if the time was up first. */
  boolean run() {
    while (true) {
      Optional<Move> next = next();
      if (next.isEmpty()) {
        return true;
      }
      if (!run.timeLeft()) {
        return false;
      }
      Move move = next.get();
      tried.add(Trials.key(move.plan()));
      if (trials.judge(move.plan()).met()) {
        run.challenge(move.plan(), move.what());
      } else {
        noiseTooMuch = Math.min(noiseTooMuch, effects.noise(move.plan()));
      }
      run.tell("tried " + move.what());
    }
  }

  private Optional<Move> next() {
    double now = effects.gain(run.best());
    return moves().stream()
        .filter(m -> m.gain() - now > -m.slack())
        .filter(m -> !tried.contains(Trials.key(m.plan())))
        .filter(m -> !Trials.key(m.plan()).equals(Trials.key(run.best())))
        .filter(m -> effects.noise(m.plan()) < NOISE_SLACK * noiseTooMuch)
        .max(Comparator.comparingDouble(Move::gain));
  }

  private List<Move> moves() {
    List<Move> moves = new ArrayList<>();
    List<NumericPrecision> precisions = new ArrayList<>(run.precisions());
    precisions.add(NumericPrecision.FP32);
    for (List<String> kind : kinds.values()) {
      for (NumericPrecision p : precisions) {
        add(
            moves,
            run.with(run.best(), kind, p),
            kind.get(0) + " and its kind at " + p,
            KIND_SLACK);
      }
    }
    for (String node : settings.candidates().keySet()) {
      for (NumericPrecision p : precisions) {
        add(moves, run.with(run.best(), List.of(node), p), node + " at " + p, -LEAST_GAIN);
      }
    }
    exchanges(moves);
    return moves;
  }

  /** Gives one layer back to have another. */
  private void exchanges(List<Move> moves) {
    List<String> worst = effects.worstFirst(run.best());
    for (String node : settings.candidates().keySet()) {
      NumericPrecision p = effects.fastest(node);
      double more = effects.gain(node, p) - effects.gain(node, run.best().precision(node));
      if (more <= LEAST_GAIN) {
        continue;
      }
      LayerPlan taken = run.with(run.best(), List.of(node), p);
      for (String given : worst) {
        boolean pays =
            more - effects.gain(given, run.best().precision(given)) > LEAST_GAIN
                && !given.equals(node);
        if (pays) {
          add(
              moves,
              run.with(taken, List.of(given), NumericPrecision.FP32),
              node + " at " + p + " for " + given,
              -LEAST_GAIN);
        }
      }
    }
  }

  private void add(List<Move> moves, LayerPlan plan, String what, double slack) {
    moves.add(new Move(plan, what, effects.gain(plan), slack));
  }
}

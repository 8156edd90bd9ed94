package io.inferc.search;

import io.inferc.benchmark.Measurement;
import io.inferc.benchmark.ModelTurns;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.Cancellation;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ModelMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A compiled model that runs a mix of requests in turns, with what a request then costs. */
final class Runner implements AutoCloseable {
  private static final double SECONDS_PER_HOUR = 3600;

  /**
   * One turn.
   *
   * @param cost of a request, in the objective's own unit
   * @param millis the median latency in ms, over the mix
   */
  record Turn(double cost, double millis) {}

  private final CompiledModel model;
  private final Objective objective;
  private final RequestMix mix;
  private final Cancellation cancellation;
  private List<ModelTurns> turns = new ArrayList<>();
  private boolean withinLimit = true;

  Runner(CompiledModel model, RequestMix mix, Objective objective, Cancellation cancellation) {
    this.model = model;
    this.mix = mix;
    this.objective = objective;
    this.cancellation = cancellation;
    turns = open(objective.callers());
  }

  private List<ModelTurns> open(int callers) {
    List<ModelTurns> opened = new ArrayList<>();
    boolean complete = false;
    try {
      for (RequestMix.Part part : mix.parts()) {
        opened.add(ModelTurns.open(model, part.workload(), callers, cancellation));
      }
      complete = true;
      return opened;
    } finally {
      if (!complete) {
        opened.forEach(ModelTurns::close);
      }
    }
  }

  /**
   * Runs until buffers and caches are in place, and finds how many callers keep the limit of the
   * objective, if it has one.
   *
   * @param pace how long a turn lasts
   */
  void warmUp(Pace pace) {
    turn(pace);
    Optional<Duration> limit =
        objective instanceof Objective.Throughput t ? t.within() : Optional.empty();
    if (limit.isPresent()) {
      adaptCallers(limit.get(), pace);
    }
  }

  /** How many turns {@link #warmUp} takes. */
  static int warmUps(Objective objective) {
    boolean limited = objective instanceof Objective.Throughput t && t.within().isPresent();
    // One, and one of each number of callers: 1, 2, 4 and so on up to all.
    return limited ? 2 + Integer.SIZE - Integer.numberOfLeadingZeros(objective.callers() - 1) : 1;
  }

  private void adaptCallers(Duration limit, Pace pace) {
    int callers = objective.callers();
    double best = 0;
    int chosen = 0;
    for (int count = 1; ; count = Math.min(callers, 2 * count)) {
      reopen(count);
      Load load = load(pace);
      if (load.p95() <= limit.toNanos() / 1e6 && load.throughput() > best) {
        best = load.throughput();
        chosen = count;
      }
      if (count == callers) {
        break;
      }
    }
    withinLimit = chosen > 0;
    reopen(Math.max(1, chosen));
  }

  private void reopen(int callers) {
    turns.forEach(ModelTurns::close);
    turns = List.of();
    turns = open(callers);
  }

  private record Load(double throughput, double p95) {}

  /** The 95 % of the slowest kind of request count, which is stricter than of all together. */
  private Load load(Pace pace) {
    double seconds = 0;
    double p95 = 0;
    for (int i = 0; i < turns.size(); i++) {
      Measurement.Round round = turns.get(i).turn(pace.slice(i));
      seconds += mix.parts().get(i).share() / round.throughput();
      p95 = Math.max(p95, round.latency().p95());
    }
    return new Load(1 / seconds, p95);
  }

  /** Runs each request of the mix for its slice of time. */
  Turn turn(Pace pace) {
    double millis = 0;
    double seconds = 0;
    for (int i = 0; i < turns.size(); i++) {
      double share = mix.parts().get(i).share();
      Measurement.Round round = turns.get(i).turn(pace.slice(i));
      millis += share * round.latency().p50();
      seconds += share / round.throughput();
    }
    return new Turn(cost(millis, seconds), millis);
  }

  private double cost(double millis, double seconds) {
    if (objective instanceof Objective.Latency) {
      return millis;
    }
    if (objective instanceof Objective.Memory) {
      ModelMemory memory = model.memory();
      return Math.max(1, memory.runtime().orElse(memory.weights().orElse(Long.MAX_VALUE)));
    }
    if (objective instanceof Objective.Cost cost) {
      return seconds * cost.price(model.target().backend()) / SECONDS_PER_HOUR;
    }
    return seconds;
  }

  /** Whether the limit of the objective is kept, by one caller at least. */
  boolean keepsLimit() {
    return withinLimit;
  }

  @Override
  public void close() {
    turns.forEach(ModelTurns::close);
  }
}

package io.inferc.search;

import io.inferc.benchmark.RatioInterval;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What several models that were measured in turns came to.
 *
 * @param sides the figures of each, by what it is called
 */
record RaceResult(Map<String, Figures> sides) {
  /**
   * What the turns of one model came to.
   *
   * @param costs of a request in each round, in the objective's unit
   * @param millis its median latency in each round
   * @param kept whether the objective's own limit was kept
   */
  record Figures(List<Double> costs, List<Double> millis, boolean kept) {
    Figures {
      costs = List.copyOf(costs);
      millis = List.copyOf(millis);
    }
  }

  RaceResult {
    sides = Collections.unmodifiableMap(new LinkedHashMap<>(sides));
  }

  Figures of(String side) {
    return Objects.requireNonNull(sides.get(side), side);
  }

  /** How many times better one side is than another, by what a request costs. */
  RatioInterval gain(String from, String to) {
    return RatioInterval.ofPairs(array(of(from).costs()), array(of(to).costs()));
  }

  /** How many times the latency of one side is that of another. */
  RatioInterval latency(String side, String than) {
    return RatioInterval.ofPairs(array(of(side).millis()), array(of(than).millis()));
  }

  static double[] array(Collection<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}

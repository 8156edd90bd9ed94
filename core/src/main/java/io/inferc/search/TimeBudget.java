package io.inferc.search;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** The time that a search has, what of it is set aside for its end, and what compiling takes. */
final class TimeBudget {
  private static final double NANOS = 1e9;

  private final LongSupplier clock;
  private final long start;
  private final Duration whole;
  private final Map<String, Double> makingSeconds = new HashMap<>();
  private double reserved;

  TimeBudget(Duration whole, LongSupplier clock) {
    this.whole = whole;
    this.clock = clock;
    start = clock.getAsLong();
  }

  double spent() {
    return (clock.getAsLong() - start) / NANOS;
  }

  double seconds() {
    return whole.toNanos() / NANOS;
  }

  /** Sets time aside. */
  void reserve(double seconds) {
    reserved = seconds;
  }

  /** What is left but for what is set aside, in seconds; 0 or less if it is over. */
  double left() {
    return seconds() - spent() - reserved;
  }

  double now() {
    return clock.getAsLong() / NANOS;
  }

  /** Learns what compiling for a back end takes: the longest so far. */
  void learn(String backend, double seconds) {
    makingSeconds.merge(backend, seconds, Math::max);
  }

  /** What compiling for a back end takes by what is known; 0 if nothing is. */
  double making(String backend) {
    return makingSeconds.getOrDefault(backend, 0.0);
  }

  static double seconds(Duration duration) {
    return duration.toNanos() / NANOS;
  }

  static Duration duration(double seconds) {
    return Duration.ofNanos(Math.max(1, Math.round(seconds * NANOS)));
  }
}

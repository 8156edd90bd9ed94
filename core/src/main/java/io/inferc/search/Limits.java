package io.inferc.search;

import java.util.Locale;
import java.util.Optional;

/** The limits that an objective has of its own. */
final class Limits {
  private Limits() {}

  /**
   * Says which limit a candidate misses for certain; empty if it may keep it.
   *
   * @param measured a race of both
   * @param original what the original is called in it
   * @param candidate what the candidate is called in it
   */
  static Optional<String> missed(
      Objective objective, RaceResult measured, String original, String candidate) {
    if (objective instanceof Objective.Throughput t && !measured.of(candidate).kept()) {
      return Optional.of(
          "It does not answer 95 % within "
              + t.within().map(w -> w.toNanos() / 1e6).orElseThrow()
              + " ms, whatever the number of callers.");
    }
    if (objective instanceof Objective.Memory m) {
      double low = measured.latency(candidate, original).low();
      if (low > m.slowest()) {
        return Optional.of(
            String.format(
                Locale.ROOT,
                "Its latency is %.2f times the original's or more, and %s is allowed.",
                low,
                m.slowest()));
      }
    }
    return Optional.empty();
  }
}

package io.inferc;

import io.inferc.tensor.Dataset;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * As many of the first samples as there is time for; the first visit that the visitor does not end
 * decides how many, and later ones see the same. Some are visited whatever it takes.
 */
final class TimedDataset implements Dataset {
  private final Dataset source;
  private final long least;
  private final Duration time;
  private final LongSupplier clock;
  private long count = -1;

  TimedDataset(Dataset source, long least, Duration time, LongSupplier clock) {
    this.source = source;
    this.least = least;
    this.time = time;
    this.clock = clock;
  }

  @Override
  public void forEach(Visitor visitor) {
    if (count >= 0) {
      source.limit(count).forEach(visitor);
      return;
    }
    long start = clock.getAsLong();
    long[] seen = {0};
    boolean[] enough = {false};
    source.forEach(
        (index, sample) -> {
          seen[0] = index + 1;
          // A visitor that has enough has not seen what it would take.
          enough[0] = !visitor.visit(index, sample);
          return !enough[0] && (seen[0] < least || clock.getAsLong() - start < time.toNanos());
        });
    if (!enough[0]) {
      count = seen[0];
    }
  }

  /** How many samples there are, as long as no visit has decided on fewer. */
  @Override
  public OptionalLong size() {
    return count >= 0 ? OptionalLong.of(count) : source.size();
  }
}

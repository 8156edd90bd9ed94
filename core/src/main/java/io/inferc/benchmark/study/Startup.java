package io.inferc.benchmark.study;

import io.inferc.benchmark.platform.MemoryFigures;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What it takes until a variant serves.
 *
 * @param opening how long it took to load or compile it; empty if it was open already
 * @param firstRequest how long its first request took, a caller's making included
 * @param memory before, during and after both; the whole process's
 */
public record Startup(Optional<Duration> opening, Duration firstRequest, MemoryFigures memory) {
  private static final double NANOS_PER_MILLI = 1e6;

  /** Checks that nothing is missing. */
  public Startup {
    Objects.requireNonNull(opening, "opening");
    Objects.requireNonNull(firstRequest, "firstRequest");
    Objects.requireNonNull(memory, "memory");
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%sfirst request %.1f ms; %s",
        opening
            .map(
                o ->
                    String.format(
                        Locale.ROOT, "opened in %.1f ms, ", o.toNanos() / NANOS_PER_MILLI))
            .orElse(""),
        firstRequest.toNanos() / NANOS_PER_MILLI,
        memory);
  }
}

package io.inferc.benchmark.platform;

import java.util.Locale;
import java.util.Objects;

/**
 * How fast a machine multiplies and adds, as something that ran on it showed; whatever else is
 * faster shows a higher roof.
 *
 * @param precision of the arithmetic, for example {@code FP32} or {@code INT8}
 * @param multiplyAddsPerSecond the best rate that was seen, above 0; twice as many operations in
 *     the count that calls a multiplication and an addition two
 * @param source what showed it
 */
public record ComputeRoof(String precision, double multiplyAddsPerSecond, String source) {
  /** Checks the rate. */
  public ComputeRoof {
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(source, "source");
    if (!(multiplyAddsPerSecond > 0) || Double.isInfinite(multiplyAddsPerSecond)) {
      throw new IllegalArgumentException(
          "Tried to take "
              + multiplyAddsPerSecond
              + " multiply-adds a second for a roof; a rate is positive and finite.");
    }
  }

  /** Returns text such as {@code FP32 41.2 G multiply-adds/s (loops in Java on 2 threads)}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s %.4g G multiply-adds/s (%s)",
        precision,
        multiplyAddsPerSecond / 1e9,
        source);
  }
}

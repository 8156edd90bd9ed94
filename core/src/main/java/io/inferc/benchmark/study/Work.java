package io.inferc.benchmark.study;

import java.util.Objects;

/**
 * What a request takes of a machine, to be placed below its roofline.
 *
 * @param precision whose roof to compare with, for example {@code FP32}
 * @param multiplyAdds that a request takes, above 0
 * @param bytes that a request moves at least: weights, inputs and outputs, above 0
 */
public record Work(String precision, double multiplyAdds, double bytes) {
  /** Checks the figures. */
  public Work {
    Objects.requireNonNull(precision, "precision");
    if (!(multiplyAdds > 0)
        || !(bytes > 0)
        || Double.isInfinite(multiplyAdds)
        || Double.isInfinite(bytes)) {
      throw new IllegalArgumentException(
          "Tried to state a request's work as "
              + multiplyAdds
              + " multiply-adds and "
              + bytes
              + " bytes; both are positive and finite.");
    }
  }
}

package io.inferc.runtime;

import java.util.Objects;
import java.util.Optional;

/**
 * The sizes one dimension takes: the smallest, the one to optimize for, and the largest, and if
 * asked for only multiples of a number between them.
 *
 * <pre>{@code
 * ShapeProfile.named("photos").range("height", new Range(320, 640, 1280).multipleOf(32))
 * }</pre>
 *
 * @param min the smallest size, 0 or more
 * @param opt the size to tune kernels for, from min to max
 * @param max the largest size; buffers are sized by it
 * @param step all sizes are multiples of it; 1 or more
 */
public record Range(long min, long opt, long max, long step) {
  public Range {
    if (min < 0 || opt < min || max < opt) {
      throw new IllegalArgumentException(
          "Tried to set the range min "
              + min
              + ", opt "
              + opt
              + ", max "
              + max
              + "; it must hold that 0 <= min <= opt <= max.");
    }
    if (step < 1 || min % step != 0 || opt % step != 0 || max % step != 0) {
      throw new IllegalArgumentException(
          "Tried to set the range min "
              + min
              + ", opt "
              + opt
              + ", max "
              + max
              + " in multiples of "
              + step
              + "; all three must be multiples of it, and it must be 1 or more.");
    }
  }

  /**
   * Makes a range of all sizes between two.
   *
   * @param min the smallest size, 0 or more
   * @param opt the size to tune kernels for, from min to max
   * @param max the largest size
   * @throws IllegalArgumentException if 0 &lt;= min &lt;= opt &lt;= max does not hold
   */
  public Range(long min, long opt, long max) {
    this(min, opt, max, 1);
  }

  /**
   * Returns the range that has multiples of a number only, such as the stride of a detector.
   *
   * @param number what all sizes are multiples of, 1 or more
   * @return a range of the same bounds
   * @throws IllegalArgumentException if min, opt or max is no multiple of it
   */
  public Range multipleOf(long number) {
    return new Range(min, opt, max, number);
  }

  /**
   * Returns the sizes that two ranges have in common.
   *
   * @param other the other range
   * @return the common range, tuned for this one's {@code opt} as far as it has that; empty if they
   *     have no size in common
   */
  public Optional<Range> and(Range other) {
    Objects.requireNonNull(other, "other");
    long common = step / gcd(step, other.step) * other.step;
    long least = Math.max(min, other.min);
    long first = least + (common - least % common) % common;
    long greatest = Math.min(max, other.max);
    long last = greatest - greatest % common;
    if (first > last) {
      return Optional.empty();
    }
    long best = Math.min(Math.max(opt, first), last);
    return Optional.of(new Range(first, best - best % common, last, common));
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /**
   * Returns the range of a single size.
   *
   * @param size the size, 0 or more
   * @return a range whose three sizes are equal
   */
  public static Range exactly(long size) {
    return new Range(size, size, size);
  }

  /**
   * Tells whether a size lies within.
   *
   * @param size the size
   * @return true from min to max, both included, for multiples of the step
   */
  public boolean contains(long size) {
    return size >= min && size <= max && size % step == 0;
  }

  /**
   * Returns text such as {@code 1..32 (opt 8)} or {@code 32..640 by 32 (opt 320)}, or the size
   * alone if there is only one.
   */
  @Override
  public String toString() {
    return min == max
        ? Long.toString(min)
        : min + ".." + max + (step == 1 ? "" : " by " + step) + " (opt " + opt + ")";
  }
}

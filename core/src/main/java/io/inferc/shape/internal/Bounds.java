package io.inferc.shape.internal;

/**
 * The least and the greatest value that an integer may have; the ends of the 64-bit range stand for
 * "without bound".
 *
 * @param min the least value
 * @param max the greatest value
 */
public record Bounds(long min, long max) {
  static final Bounds ANY = new Bounds(Long.MIN_VALUE, Long.MAX_VALUE);
  static final Bounds SIZE = new Bounds(0, Long.MAX_VALUE);

  static Bounds exactly(long value) {
    return new Bounds(value, value);
  }

  boolean within(long least, long greatest) {
    return min >= least && max <= greatest;
  }

  boolean contains(long value) {
    return value >= min && value <= max;
  }

  Bounds plus(Bounds other) {
    return new Bounds(
        add(min, other.min, Long.MIN_VALUE, Long.MAX_VALUE),
        add(max, other.max, Long.MAX_VALUE, Long.MIN_VALUE));
  }

  Bounds times(Bounds other) {
    long a = multiply(min, other.min);
    long b = multiply(min, other.max);
    long c = multiply(max, other.min);
    long d = multiply(max, other.max);
    return new Bounds(
        Math.min(Math.min(a, b), Math.min(c, d)), Math.max(Math.max(a, b), Math.max(c, d)));
  }

  Bounds hull(Bounds other) {
    return new Bounds(Math.min(min, other.min), Math.max(max, other.max));
  }

  /** What rounded quotients can be; any number if the divisor may be 0 or less. */
  Bounds dividedBy(Bounds divisor) {
    if (divisor.min <= 0) {
      return ANY;
    }
    long least = divide(min, min < 0 ? divisor.min : divisor.max);
    long greatest = divide(max, max < 0 ? divisor.max : divisor.min);
    return new Bounds(least, greatest);
  }

  private static long divide(long a, long b) {
    if (isEndless(a)) {
      return a;
    }
    if (isEndless(b)) {
      return a < 0 ? -1 : 0;
    }
    return Math.floorDiv(a, b);
  }

  private static boolean isEndless(long value) {
    return value == Long.MIN_VALUE || value == Long.MAX_VALUE;
  }

  /** The sum; where one is without bound to either side, the first of the two ends decides. */
  private static long add(long a, long b, long end, long otherEnd) {
    if (a == end || b == end) {
      return end;
    }
    if (a == otherEnd || b == otherEnd) {
      return otherEnd;
    }
    long sum = a + b;
    boolean overflows = ((a ^ sum) & (b ^ sum)) < 0;
    return overflows ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
  }

  private static long multiply(long a, long b) {
    if (a == 0 || b == 0) {
      return 0;
    }
    boolean negative = (a < 0) != (b < 0);
    if (isEndless(a) || isEndless(b) || Math.multiplyHigh(a, b) != (negative ? -1 : 0)) {
      return negative ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    long product = a * b;
    return (product < 0) == negative ? product : negative ? Long.MIN_VALUE : Long.MAX_VALUE;
  }
}

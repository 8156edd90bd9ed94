package io.inferc.shape.internal;

import org.jspecify.annotations.Nullable;

/** One element of a small tensor: an integer, whatever type holds it, or another real number. */
sealed interface Scalar {
  /** How much memory this takes, as a number of simple sizes. */
  long weight();

  /** An integer that its type holds exactly. */
  record Whole(Size size) implements Scalar {
    @Override
    public long weight() {
      return size.weight();
    }
  }

  /**
   * A number of a floating-point type. Those with equal keys are equal in every run.
   *
   * @param key what it was computed from
   * @param low no value is less
   * @param high no value is greater
   * @param over where this is the correctly rounded quotient of two integers, or else null
   */
  record Real(String key, double low, double high, @Nullable Quotient over) implements Scalar {
    @Override
    public long weight() {
      return 1L + key.length() / 16;
    }

    boolean isConstant() {
      return low == high;
    }
  }

  /** The same, where the key is worth keeping. */
  static Scalar real(String key, double low, double high, @Nullable Quotient over) {
    return new Real(
        key.length() > Size.LONGEST ? Size.unknown(Bounds.ANY).toString() : key, low, high, over);
  }

  /** Two integers to be divided. */
  record Quotient(Size dividend, Size divisor) {}

  static Scalar of(long value) {
    return new Whole(Size.of(value));
  }

  static Scalar of(boolean value) {
    return of(value ? 1 : 0);
  }

  static Scalar unknownWhole() {
    return new Whole(Size.unknown(Bounds.ANY));
  }

  static Scalar unknownReal() {
    return new Real(
        Size.unknown(Bounds.ANY).toString(),
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        null);
  }
}

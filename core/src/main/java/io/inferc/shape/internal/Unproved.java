package io.inferc.shape.internal;

/** A rule cannot say more: what it has not said stays unknown. */
class Unproved extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unproved() {
    // Thrown often and never shown.
    super("not proved", null, false, false);
  }

  /** The rule found a rank that no tensor has. */
  static final class TooManyDimensions extends Unproved {
    private static final long serialVersionUID = 1L;

    private final long rank;

    TooManyDimensions(long rank) {
      this.rank = rank;
    }

    long rank() {
      return rank;
    }
  }
}

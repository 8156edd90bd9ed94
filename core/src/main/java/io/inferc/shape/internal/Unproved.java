package io.inferc.shape.internal;

/** A rule cannot say more: what it has not said stays unknown. */
class Unproved extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unproved() {
    // Thrown often and never shown.
    super("not proved", null, false, false);
  }

  /** The rule found what no tensor has. */
  static final class Oversized extends Unproved {
    private static final long serialVersionUID = 1L;

    private final String what;

    Oversized(String what) {
      this.what = what;
    }

    String what() {
      return what;
    }
  }
}

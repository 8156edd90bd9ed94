package io.inferc.shape.internal;

/** A rule cannot say more: what it has not said stays unknown. */
final class Unproved extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unproved() {
    // Thrown often and never shown.
    super("not proved", null, false, false);
  }
}

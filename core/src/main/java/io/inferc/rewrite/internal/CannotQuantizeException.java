package io.inferc.rewrite.internal;

/** Says why a node is left in floating point; a pass turns it into a note. */
public final class CannotQuantizeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param reason the second half of a sentence, with its full stop
   */
  public CannotQuantizeException(String reason) {
    super(reason, null, false, false);
  }

  /** The note's text. */
  public String note() {
    return "It stays in floating point: " + getMessage();
  }
}

package io.inferc.rewrite;

/** Says why a node is left in floating point; a pass turns it into a note. */
final class CannotQuantizeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param reason the second half of a sentence, with its full stop
   */
  CannotQuantizeException(String reason) {
    super(reason, null, false, false);
  }

  /** The note's text. */
  String note() {
    return "It stays in floating point: " + getMessage();
  }
}

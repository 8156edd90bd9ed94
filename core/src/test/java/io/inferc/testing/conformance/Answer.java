package io.inferc.testing.conformance;

/**
 * What became of a case in one variant and mode.
 *
 * @param verdict the kind
 * @param detail what was wrong, or why it was refused; empty if right
 */
record Answer(Verdict verdict, String detail) {
  /** Kinds of answers, the worst first. */
  enum Verdict {
    /** The process ended. */
    ABORTED,
    /** It did not end in time. */
    HUNG,
    /** Something other than an answer or a refusal: an error inside of inferc. */
    BROKE,
    /** An answer that is not right. */
    WRONG,
    /** An error that says what cannot be done. */
    REFUSED,
    /** The right answer. */
    RIGHT
  }

  static Answer right() {
    return new Answer(Verdict.RIGHT, "");
  }
}

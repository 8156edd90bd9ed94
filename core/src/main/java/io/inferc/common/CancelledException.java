package io.inferc.common;

import java.io.Serial;

/** Thrown out of long work that was stopped through its {@link Cancellation}. */
public class CancelledException extends InfercException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param stage the stage that was under way
   */
  public CancelledException(Stage stage) {
    super(
        stage,
        "The work was cancelled on request during the stage " + stage + ".",
        "Nothing was left half written; start it again when wanted.");
  }
}

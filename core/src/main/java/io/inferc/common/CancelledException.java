package io.inferc.common;

import java.io.Serial;
import java.nio.channels.ClosedByInterruptException;
import java.util.Objects;

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
        whatIsLeft(stage) + "; start it again when wanted.");
  }

  private static String whatIsLeft(Stage stage) {
    return switch (Objects.requireNonNull(stage, "stage")) {
      case IMPORT, ARTIFACT, REPORT ->
          "Nothing was left half written, and what was there before still is";
      case DISCOVERY, SHAPE, REWRITE, COMPILE -> "No model was made";
      case RUN -> "The run gave no outputs, and the model can be used as before";
      case CALIBRATE, VALIDATE, SEARCH, BENCHMARK -> "What was found until then is not kept";
    };
  }

  /**
   * Ends work whose thread was interrupted while it read or wrote a file: the JDK closes the file
   * then, which says nothing of the disk.
   *
   * @param stage the stage that is under way
   * @param failure what reading or writing threw
   * @throws CancelledException if an interrupt was the cause; else nothing happens
   */
  public static void throwIfInterrupted(Stage stage, Throwable failure) {
    Objects.requireNonNull(stage, "stage");
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof ClosedByInterruptException) {
        CancelledException cancelled = new CancelledException(stage);
        cancelled.addSuppressed(failure);
        throw cancelled;
      }
    }
  }
}

package io.inferc.common;

/**
 * Hears how far long work has come.
 *
 * <p>Called from the thread that does the work, often enough to move a progress bar and seldom
 * enough not to slow the work. An implementation must return quickly. An exception thrown here
 * stops the work and reaches the caller.
 */
@FunctionalInterface
public interface ProgressListener {
  /** The total of work whose length is not known. */
  long UNKNOWN_TOTAL = -1;

  /**
   * Reports progress.
   *
   * @param stage the stage under way
   * @param task what is being done, a few words for a person
   * @param done how many units are finished, from 0 to {@code total}
   * @param total how many units there are, or {@link #UNKNOWN_TOTAL}
   */
  void onProgress(Stage stage, String task, long done, long total);

  /**
   * Returns a listener that does nothing.
   *
   * @return the silent listener
   */
  static ProgressListener none() {
    return (stage, task, done, total) -> {};
  }
}

package io.inferc.common;

import java.io.Serial;

/** Thrown when a second thread enters something that serves one thread at a time. */
public class ConcurrentUseException extends InfercException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param asked what the second thread tried
   * @param holder the name of the thread already inside
   */
  public ConcurrentUseException(String asked, String holder) {
    super(
        Stage.RUN,
        "Tried to "
            + asked
            + " from thread '"
            + Thread.currentThread().getName()
            + "', but thread '"
            + holder
            + "' is inside the same session.",
        "A session serves one thread at a time: open one session per thread with newSession(), or"
            + " call runAsync() on the compiled model, which is safe from any thread.");
  }
}

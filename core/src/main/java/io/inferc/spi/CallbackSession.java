package io.inferc.spi;

/**
 * A session of a runtime that says by itself when a run has ended, so that no thread has to wait
 * for it.
 */
public interface CallbackSession extends BackendSession {
  /**
   * Starts a run and returns. Until {@link #finish()} has been called, no other method of the
   * session is.
   *
   * @param ended called once when the run has ended, well or not, on a thread of the runtime's,
   *     perhaps before this method returns. It hands over to another thread and returns at once
   * @throws io.inferc.common.InfercException if the run could not be started; then {@code ended} is
   *     never called
   */
  void start(Runnable ended);

  /**
   * Takes note of the end of a run, on any thread but that on which {@code ended} was called.
   *
   * @throws io.inferc.common.InfercException if the run failed; the session can be used again
   */
  void finish();
}

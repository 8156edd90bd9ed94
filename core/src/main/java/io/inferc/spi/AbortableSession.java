package io.inferc.spi;

/** A session of a runtime that can end a run early, at the next place where it looks. */
public interface AbortableSession extends BackendSession {
  /**
   * Ends the run under way, which then fails as any run may, and lets every later one fail too
   * until {@link #resume()}. Safe from any thread while the session is open; it does not wait. A
   * runtime looks between two nodes, so that one node may still take long.
   */
  void abort();

  /** Lets runs go on again; called on the session's thread, between two runs. */
  void resume();
}

package io.inferc.common;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A switch by which one thread asks long work on another to stop.
 *
 * <p>Work polls {@link #throwIfCancelled}, or registers a callback with {@link #onCancel} where it
 * waits on something that cannot poll. Thread-safe; once cancelled it stays so.
 *
 * <pre>{@code
 * Cancellation cancellation = new Cancellation();
 * stopButton.onClick(cancellation::cancel);
 * longWork.start(cancellation);
 * }</pre>
 */
public final class Cancellation {
  private final Object lock = new Object();
  private final List<Callback> callbacks = new ArrayList<>();
  private volatile boolean cancelled;

  /** One registration: the same action may be registered several times. */
  private static final class Callback {
    private final Runnable action;

    Callback(Runnable action) {
      this.action = action;
    }
  }

  /** Creates a switch that is not yet thrown. */
  public Cancellation() {}

  /** Asks the work to stop. Calling it again does nothing. */
  public void cancel() {
    List<Callback> toRun;
    synchronized (lock) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      toRun = List.copyOf(callbacks);
      callbacks.clear();
    }
    toRun.forEach(c -> c.action.run());
  }

  /**
   * Tells whether the work was asked to stop.
   *
   * @return true after {@link #cancel()}
   */
  public boolean isCancelled() {
    return cancelled;
  }

  /**
   * Stops the calling work if it was asked to.
   *
   * @param stage the stage under way, named in the exception
   * @throws CancelledException if {@link #cancel()} was called, or if this thread is interrupted,
   *     which it stays
   */
  public void throwIfCancelled(Stage stage) {
    Objects.requireNonNull(stage, "stage");
    if (cancelled || Thread.currentThread().isInterrupted()) {
      throw new CancelledException(stage);
    }
  }

  /**
   * Runs a callback when the work is cancelled, at once if it already is.
   *
   * @param callback what to run, on the cancelling thread; it must not block
   * @return a handle whose {@code close} withdraws the callback
   */
  public Registration onCancel(Runnable callback) {
    Objects.requireNonNull(callback, "callback");
    synchronized (lock) {
      if (!cancelled) {
        Callback registered = new Callback(callback);
        callbacks.add(registered);
        return () -> {
          synchronized (lock) {
            callbacks.remove(registered);
          }
        };
      }
    }
    callback.run();
    return () -> {};
  }

  /** A callback's registration; closing it withdraws the callback. */
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}

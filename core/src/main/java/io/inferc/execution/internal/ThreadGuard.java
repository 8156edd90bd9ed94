package io.inferc.execution.internal;

import io.inferc.common.ConcurrentUseException;
import io.inferc.common.ResourceClosedException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Lets one thread in at a time, refuses a second, and refuses all once closed. */
public final class ThreadGuard {
  private static final Object CLOSED = new Object();
  private static final long CLOSE_POLL_NANOS = 100_000;

  // Null when free, the thread inside, or CLOSED.
  private final AtomicReference<Object> holder = new AtomicReference<>();
  private final String description;

  /**
   * Makes an open guard.
   *
   * @param description what it guards, for messages
   */
  public ThreadGuard(String description) {
    this.description = description;
  }

  /**
   * Lets this thread in.
   *
   * @param asked what it wants to do, for messages
   */
  public void enter(String asked) {
    Object former = holder.compareAndExchange(null, Thread.currentThread());
    if (former != null) {
      throw refusal(asked, former);
    }
  }

  /** Lets the thread inside out. */
  public void exit() {
    holder.set(null);
  }

  private RuntimeException refusal(String asked, Object former) {
    return former instanceof Thread thread
        ? new ConcurrentUseException(asked, thread.getName())
        : new ResourceClosedException(asked, description);
  }

  /** What became of an attempt to shut the door. */
  public enum Door {
    /** Nobody is inside, and nobody gets in any more. */
    SHUT,
    /** It had been shut before. */
    WAS_SHUT,
    /** It is open, since a thread stayed inside. */
    SOMEBODY_INSIDE
  }

  /**
   * Waits until nobody is inside and shuts the door.
   *
   * @param nanos how long to wait at most
   * @return what became of it
   */
  public Door close(long nanos) {
    long start = System.nanoTime();
    boolean interrupted = false;
    try {
      while (true) {
        Object former = holder.compareAndExchange(null, CLOSED);
        if (former == null) {
          return Door.SHUT;
        }
        if (former == CLOSED) {
          return Door.WAS_SHUT;
        }
        if (former == Thread.currentThread()) {
          throw new ConcurrentUseException("close a session", Thread.currentThread().getName());
        }
        if (BoundedClose.left(nanos, start) == 0) {
          return Door.SOMEBODY_INSIDE;
        }
        LockSupport.parkNanos(CLOSE_POLL_NANOS);
        interrupted |= Thread.interrupted();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  boolean isClosed() {
    return holder.get() == CLOSED;
  }
}

package io.inferc.execution;

import io.inferc.common.ConcurrentUseException;
import io.inferc.common.ResourceClosedException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Lets one thread in at a time, refuses a second, and refuses all once closed. */
final class ThreadGuard {
  private static final Object CLOSED = new Object();
  private static final long CLOSE_POLL_NANOS = 100_000;

  // Null when free, the thread inside, or CLOSED.
  private final AtomicReference<Object> holder = new AtomicReference<>();
  private final String description;

  ThreadGuard(String description) {
    this.description = description;
  }

  void enter(String asked) {
    Object former = holder.compareAndExchange(null, Thread.currentThread());
    if (former != null) {
      throw refusal(asked, former);
    }
  }

  void exit() {
    holder.set(null);
  }

  private RuntimeException refusal(String asked, Object former) {
    return former instanceof Thread thread
        ? new ConcurrentUseException(asked, thread.getName())
        : new ResourceClosedException(asked, description);
  }

  /** What became of an attempt to shut the door. */
  enum Door {
    SHUT,
    WAS_SHUT,
    SOMEBODY_INSIDE
  }

  /** Waits until nobody is inside, but no longer than that, and shuts the door. */
  Door close(long nanos) {
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

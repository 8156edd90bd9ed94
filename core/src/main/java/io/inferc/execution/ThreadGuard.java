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

  /** Waits until nobody is inside and shuts the door; returns false if it was shut before. */
  boolean close() {
    boolean interrupted = false;
    try {
      while (true) {
        Object former = holder.compareAndExchange(null, CLOSED);
        if (former == null) {
          return true;
        }
        if (former == CLOSED) {
          return false;
        }
        if (former == Thread.currentThread()) {
          throw new ConcurrentUseException("close a session", Thread.currentThread().getName());
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

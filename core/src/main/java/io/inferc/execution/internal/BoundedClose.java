package io.inferc.execution.internal;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what native code may be using. Runs get some time to end by themselves, then those that
 * the runtime can end are ended, and what still runs then is freed by a thread of its own when it
 * has ended: memory is never taken from under a call.
 *
 * @param finish how long runs may take to end by themselves
 * @param end how long they may take once they were asked to end
 */
public record BoundedClose(Duration finish, Duration end) {
  private static final Logger LOG = LoggerFactory.getLogger(BoundedClose.class);

  /** The times of all that users close. */
  public static final BoundedClose DEFAULT =
      new BoundedClose(Duration.ofSeconds(10), Duration.ofSeconds(2));

  /**
   * Closes something; returns after {@link #finish} and {@link #end} at the latest.
   *
   * @param what names it in the log
   * @param freedWithin frees it as soon as nothing runs in it, waiting so many nanoseconds at most;
   *     false if something still ran
   * @param abort asks what runs to end
   */
  public void close(String what, LongPredicate freedWithin, Runnable abort) {
    if (freedWithin.test(finish.toNanos())) {
      return;
    }
    abort.run();
    if (freedWithin.test(end.toNanos())) {
      return;
    }
    LOG.warn(
        "{} was closed while a run goes on in it that the runtime does not end. Its native memory"
            + " is freed when that run has ended.",
        what);
    Thread thread =
        new Thread(
            () -> {
              if (freedWithin.test(Long.MAX_VALUE)) {
                LOG.info("{} has ended its last run and is freed.", what);
              }
            },
            "inferc-close");
    thread.setDaemon(true);
    thread.start();
  }

  /** Something that is waited for, at most so many nanoseconds. */
  @FunctionalInterface
  interface Waiting {
    boolean await(long nanos) throws InterruptedException;
  }

  /** Waits although the thread may be interrupted, which it stays. */
  static boolean await(long nanos, Waiting waiting) {
    long start = System.nanoTime();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return waiting.await(left(nanos, start));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What is left of a time that began then, not less than nothing. */
  static long left(long nanos, long start) {
    return Math.max(0, nanos - (System.nanoTime() - start));
  }

  /** A second, or less where less is left. */
  static long atMost(long seconds, long nanos) {
    return Math.min(TimeUnit.SECONDS.toNanos(seconds), nanos);
  }
}

package io.inferc.benchmark.load;

import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits until a moment more precisely than a system wakes threads: parked first, then spinning for
 * the last stretch. Only few threads spin at once, for a spinning thread takes a processor from the
 * subject; those that find no place to spin wait as precisely as the system can.
 */
final class Pacer {
  /** Linux wakes threads some 50 to 70 microseconds late. */
  static final long SPIN_NANOS = 100_000;

  private static final int PROCESSORS_PER_SPINNER = 4;

  private final Semaphore spinners;
  private final BooleanSupplier stopped;

  Pacer(int processors, BooleanSupplier stopped) {
    spinners = new Semaphore(Math.max(1, processors / PROCESSORS_PER_SPINNER));
    this.stopped = stopped;
  }

  /**
   * Waits.
   *
   * @param moment in nanoseconds of {@link System#nanoTime()}
   * @return how many nanoseconds were spent spinning, or -1 if it was stopped, for which the thread
   *     must be woken if it is to notice at once
   */
  long await(long moment) {
    while (true) {
      if (stopped.getAsBoolean()) {
        return -1;
      }
      long left = moment - System.nanoTime();
      if (left <= 0) {
        return 0;
      }
      if (left > SPIN_NANOS) {
        LockSupport.parkNanos(this, left - SPIN_NANOS);
      } else if (spinners.tryAcquire()) {
        try {
          return spin(moment);
        } finally {
          spinners.release();
        }
      } else {
        LockSupport.parkNanos(this, left);
      }
    }
  }

  private long spin(long moment) {
    long begin = System.nanoTime();
    long now = begin;
    while (now - moment < 0) {
      if (stopped.getAsBoolean()) {
        return -1;
      }
      Thread.onSpinWait();
      now = System.nanoTime();
    }
    return now - begin;
  }
}

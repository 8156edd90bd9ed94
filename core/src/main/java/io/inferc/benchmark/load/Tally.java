package io.inferc.benchmark.load;

import java.util.concurrent.atomic.AtomicLongArray;

/** What one worker has done so far, for another thread to see. */
final class Tally {
  private static final int LINE = 16;
  private static final int ANSWERS = LINE;
  private static final int SPINNING = LINE + 1;

  /** Between two empty lines, so that workers do not share a cache line. */
  private final AtomicLongArray values = new AtomicLongArray(3 * LINE);

  void answered() {
    values.setRelease(ANSWERS, values.getPlain(ANSWERS) + 1);
  }

  void spun(long nanos) {
    values.setRelease(SPINNING, values.getPlain(SPINNING) + nanos);
  }

  long answers() {
    return values.getAcquire(ANSWERS);
  }

  long spinning() {
    return values.getAcquire(SPINNING);
  }
}

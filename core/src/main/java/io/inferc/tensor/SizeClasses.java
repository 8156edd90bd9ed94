package io.inferc.tensor;

/**
 * Rounds sizes up to four classes for each power of two (…, 1024, 1280, 1536, 1792, 2048, …), the
 * smallest 64 bytes. At most a fifth of a buffer is unused, and sizes that vary a little share
 * buffers.
 */
final class SizeClasses {
  private static final long SMALLEST = 64;
  private static final int STEPS_LOG2 = 2;

  private SizeClasses() {}

  static long roundUp(long bytes) {
    if (bytes <= SMALLEST) {
      return SMALLEST;
    }
    // The largest power of two below the size, divided into steps.
    long step = Math.max(SMALLEST, Long.highestOneBit(bytes - 1) >> STEPS_LOG2);
    return Math.multiplyExact((bytes + step - 1) / step, step);
  }
}

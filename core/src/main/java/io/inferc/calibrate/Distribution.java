package io.inferc.calibrate;

/**
 * How the values of a tensor are distributed.
 *
 * @param width the width of a bin
 * @param lowest the number of the first bin; bin {@code i} begins at {@code i * width}
 * @param counts how many values each bin holds; the first and the last hold some
 * @param min the smallest value
 * @param max the largest value
 */
@SuppressWarnings("ArrayRecordComponent") // read in place, never compared
record Distribution(double width, int lowest, long[] counts, float min, float max) {
  /** Returns where a bin begins, no further out than the values. */
  float edge(int bin) {
    return (float) Math.min(max, Math.max(min, (lowest + (double) bin) * width));
  }

  /** Returns the middle of a bin, no further out than the values. */
  double middle(int bin) {
    return Math.min(max, Math.max(min, (lowest + bin + 0.5) * width));
  }

  /** Returns the bin that begins at zero; negative or beyond the last if zero is out of range. */
  int zero() {
    return -lowest;
  }

  /** Returns how many values there are. */
  long total() {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }
}

package io.inferc.runtime;

/**
 * The sizes one dimension takes: the smallest, the one to optimize for, and the largest.
 *
 * @param min the smallest size, 0 or more
 * @param opt the size to tune kernels for, from min to max
 * @param max the largest size; buffers are sized by it
 */
public record Range(long min, long opt, long max) {
  public Range {
    if (min < 0 || opt < min || max < opt) {
      throw new IllegalArgumentException(
          "Tried to set the range min "
              + min
              + ", opt "
              + opt
              + ", max "
              + max
              + "; it must hold that 0 <= min <= opt <= max.");
    }
  }

  /**
   * Returns the range of a single size.
   *
   * @param size the size, 0 or more
   * @return a range whose three sizes are equal
   */
  public static Range exactly(long size) {
    return new Range(size, size, size);
  }

  /**
   * Tells whether a size lies within.
   *
   * @param size the size
   * @return true from min to max, both included
   */
  public boolean contains(long size) {
    return size >= min && size <= max;
  }

  /** Returns text such as {@code 1..32 (opt 8)}, or the size alone if there is only one. */
  @Override
  public String toString() {
    return min == max ? Long.toString(min) : min + ".." + max + " (opt " + opt + ")";
  }
}

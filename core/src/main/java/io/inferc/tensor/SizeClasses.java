package io.inferc.tensor;

/**
 * The sizes in which a {@link BufferPool} keeps memory: 64 bytes, and from there four classes to
 * each power of two (80, 96, 112, 128, 160, 192, 224, 256, ...).
 *
 * <p>A size is rounded up by less than a quarter of itself, apart from sizes below 64 bytes. Beyond
 * {@link #LARGEST} there are no classes: so much memory is worth neither rounding up nor keeping.
 */
final class SizeClasses {
  static final long SMALLEST = 64;
  static final long LARGEST = 1L << 30;

  /** The class number of sizes that have no class. */
  static final int NONE = -1;

  static final int COUNT = indexOf(LARGEST) + 1;

  private SizeClasses() {}

  /** Returns the number of the smallest class that holds so many bytes, or {@link #NONE}. */
  static int indexOf(long bytes) {
    if (bytes <= SMALLEST) {
      return 0;
    }
    if (bytes > LARGEST) {
      return NONE;
    }
    int power = 63 - Long.numberOfLeadingZeros(bytes - 1);
    int quarter = (int) ((bytes - 1 - (1L << power)) >> (power - 2));
    return (power - 6) * 4 + quarter + 1;
  }

  /** Returns how many bytes are taken for a request: its class's size, or itself without one. */
  static long sizeFor(long bytes) {
    int index = indexOf(bytes);
    return index == NONE ? bytes : sizeAt(index);
  }

  /** Returns the size of a class. */
  static long sizeAt(int index) {
    if (index == 0) {
      return SMALLEST;
    }
    int power = (index - 1) / 4 + 6;
    int quarter = (index - 1) % 4;
    return (1L << power) + ((quarter + 1L) << (power - 2));
  }
}

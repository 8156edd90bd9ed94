package io.inferc.calibrate;

import java.util.Arrays;

/**
 * Counts of a stream of floats in a fixed number of bins, whatever the number of values.
 *
 * <p>The width of a bin is a power of two, and its edges are multiples of the width. When a value
 * falls outside, the bins move, or become twice as wide, each the sum of two. So no count is ever
 * split, and the result depends on the values alone, not on their order: histograms of parts of the
 * data add up to the histogram of the whole.
 *
 * <p>For one thread at a time.
 */
final class Histogram {
  /** The number of bins kept; the observed range spans more than half of them. */
  static final int BINS = 4096;

  // Indices beyond this many bits would not fit an int; finer bins than this no float can tell.
  private static final int INDEX_BITS = 20;
  private static final int LOWEST_EXPONENT = Float.MIN_EXPONENT;

  // Neighbours in memory are often equal values: two arrays in turn keep the processor from
  // waiting for the increment before.
  private int[] even = new int[0];
  private int[] odd = new int[0];
  private long[] total = new long[0];
  private long pending;
  private int exponent;
  private int offset;
  private int minKey = Integer.MAX_VALUE;
  private int maxKey = Integer.MIN_VALUE;

  /**
   * Counts values.
   *
   * @param bits finite floats as their bits
   * @param n how many of them
   * @param lowKey the {@linkplain SortableFloats key} of the smallest
   * @param highKey the key of the largest
   */
  void add(int[] bits, int n, int lowKey, int highKey) {
    if (lowKey < minKey || highKey > maxKey) {
      cover(Math.min(minKey, lowKey), Math.max(maxKey, highKey));
    }
    if (pending > Integer.MAX_VALUE - n) {
      spill();
    }
    pending += n;
    count(bits, n, even, odd, inverseWidth(exponent), offset);
  }

  private static void count(
      int[] bits, int n, int[] even, int[] odd, float inverseWidth, int offset) {
    int i = 0;
    for (; i < n - 1; i += 2) {
      int first = bits[i];
      int second = bits[i + 1];
      even[index(first, inverseWidth) - offset]++;
      odd[index(second, inverseWidth) - offset]++;
    }
    if (i < n) {
      even[index(bits[i], inverseWidth) - offset]++;
    }
  }

  /** Bin i holds [i, i + 1) widths above zero and (i, i + 1] below; scaling by it is exact. */
  private static int index(int bits, float inverseWidth) {
    return (int) (Float.intBitsToFloat(bits) * inverseWidth) + (bits >> 31);
  }

  private static float inverseWidth(int exponent) {
    return Math.scalb(1f, -exponent);
  }

  private void cover(int lowKey, int highKey) {
    boolean first = minKey > maxKey;
    minKey = lowKey;
    maxKey = highKey;
    int low = SortableFloats.bits(lowKey);
    int high = SortableFloats.bits(highKey);
    int wanted = exponentFor(low, high);
    int lowest = index(low, inverseWidth(wanted));
    int highest = index(high, inverseWidth(wanted));
    if (first) {
      even = new int[BINS];
      odd = new int[BINS];
      total = new long[BINS];
    } else if (wanted == exponent && lowest >= offset && highest < offset + BINS) {
      return;
    }
    int moved = lowest - (BINS - (highest - lowest + 1)) / 2;
    if (!first) {
      spill();
      long[] former = total;
      // Further than an int has bits there is the sign only, as after that many halvings.
      int halvings = Math.min(wanted - exponent, Integer.SIZE - 1);
      total = new long[BINS];
      for (int i = 0; i < BINS; i++) {
        if (former[i] != 0) {
          total[((i + offset) >> halvings) - moved] += former[i];
        }
      }
    }
    exponent = wanted;
    offset = moved;
  }

  private static int exponentFor(int low, int high) {
    float largest =
        Math.max(Math.abs(Float.intBitsToFloat(low)), Math.abs(Float.intBitsToFloat(high)));
    int e = Math.max(Math.getExponent(largest) - INDEX_BITS, LOWEST_EXPONENT);
    while (index(high, inverseWidth(e)) - index(low, inverseWidth(e)) >= BINS) {
      e++;
    }
    return e;
  }

  private void spill() {
    for (int i = 0; i < BINS; i++) {
      total[i] += even[i] + (long) odd[i];
    }
    Arrays.fill(even, 0);
    Arrays.fill(odd, 0);
    pending = 0;
  }

  /**
   * Returns the counts between the smallest and the largest value.
   *
   * @return a snapshot
   * @throws IllegalStateException if nothing was counted
   */
  Distribution distribution() {
    if (minKey > maxKey) {
      throw new IllegalStateException("no value was counted");
    }
    spill();
    float inverse = inverseWidth(exponent);
    int lowest = index(SortableFloats.bits(minKey), inverse);
    int highest = index(SortableFloats.bits(maxKey), inverse);
    return new Distribution(
        Math.scalb(1.0, exponent),
        lowest,
        Arrays.copyOfRange(total, lowest - offset, highest - offset + 1),
        SortableFloats.value(minKey),
        SortableFloats.value(maxKey));
  }
}

package io.inferc.calibrate;

/**
 * Floats as integers that sort like them, with NaN beyond both infinities: one reduction over
 * integers finds the extremes and everything beyond bounds.
 */
final class SortableFloats {
  private SortableFloats() {}

  /** Returns the key of a float given as its bits. */
  static int key(int bits) {
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }

  /** Returns the bits of the float with this key. */
  static int bits(int key) {
    return key(key);
  }

  /** Returns the float with this key, zero without a sign. */
  static float value(int key) {
    return Float.intBitsToFloat(bits(key)) + 0f;
  }

  /**
   * Tells whether any float lies outside two keys; NaN and infinities lie outside finite ones.
   * Without branches, so that the loop runs many values at a time.
   */
  static boolean anyOutside(int[] bits, int n, int lowKey, int highKey) {
    int outside = 0;
    for (int i = 0; i < n; i++) {
      // Written out: with a call to key() the compiler of JDK 17 no longer makes vectors of it.
      int key = bits[i];
      key ^= (key >> 31) & Integer.MAX_VALUE;
      outside |= less(key, lowKey) | less(highKey, key);
    }
    return outside < 0;
  }

  /** The sign bit says whether a is less than b, also where their difference overflows. */
  private static int less(int a, int b) {
    return (a & ~b) | (~(a ^ b) & (a - b));
  }
}

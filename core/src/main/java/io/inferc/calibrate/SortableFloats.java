package io.inferc.calibrate;

/**
 * Floats as integers that sort like them, with NaN beyond both infinities: one reduction over
 * integers finds the extremes and everything that is not finite.
 */
final class SortableFloats {
  private static final int POSITIVE_INFINITY =
      key(Float.floatToRawIntBits(Float.POSITIVE_INFINITY));
  private static final int NEGATIVE_INFINITY =
      key(Float.floatToRawIntBits(Float.NEGATIVE_INFINITY));

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

  /** Tells whether all floats between two keys are finite. */
  static boolean finite(int lowKey, int highKey) {
    return lowKey > NEGATIVE_INFINITY && highKey < POSITIVE_INFINITY;
  }
}

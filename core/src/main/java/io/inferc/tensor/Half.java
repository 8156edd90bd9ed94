package io.inferc.tensor;

/**
 * Conversions between single precision and the 16-bit formats: IEEE 754 binary16 and bfloat16 (the
 * upper half of a binary32). Rounding is to nearest, ties to even.
 */
public final class Half {
  private Half() {}

  /**
   * Widens a binary16 number; exact for every value, NaN payloads included.
   *
   * @param bits the 16 bits
   * @return the same number in single precision
   */
  public static float fromFloat16(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >> 10) & 0x1f;
    int mantissa = bits & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | mantissa << 13);
    }
    if (exponent != 0) {
      return Float.intBitsToFloat(sign | (exponent + 112) << 23 | mantissa << 13);
    }
    float magnitude = mantissa * 0x1p-24f;
    return sign == 0 ? magnitude : -magnitude;
  }

  /**
   * Rounds to binary16. Beyond ±65,519.99 the result is an infinity.
   *
   * @param value a single-precision number
   * @return the 16 bits
   */
  public static short toFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
    }
    if (magnitude >= 0x477ff000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) {
      // Below the smallest normal half, one unit is 2^-24 and rint rounds ties to even.
      int units = (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24);
      return (short) (sign | units);
    }
    int rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
    return (short) (sign | ((rounded - 0x38000000) >> 13));
  }

  /**
   * Widens a bfloat16 number; exact.
   *
   * @param bits the 16 bits
   * @return the same number in single precision
   */
  public static float fromBfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /**
   * Rounds to bfloat16; NaN stays NaN.
   *
   * @param value a single-precision number
   * @return the 16 bits
   */
  public static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }
}

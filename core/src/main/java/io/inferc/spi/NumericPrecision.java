package io.inferc.spi;

/** The arithmetic a compiled model uses where it may choose. */
public enum NumericPrecision {
  /** IEEE 754 single precision throughout. */
  FP32,
  /** Single precision in memory, matrix products with 10-bit mantissas. */
  TF32,
  /** IEEE 754 half precision. */
  FP16,
  /** bfloat16. */
  BF16,
  /** 8-bit integers with scales fixed by calibration. */
  INT8,
  /** 8-bit integers with activation scales worked out at run time. */
  INT8_DYNAMIC;

  /**
   * Tells whether layers compute with integers.
   *
   * @return true for {@link #INT8} and {@link #INT8_DYNAMIC}
   */
  public boolean isInteger() {
    return this == INT8 || this == INT8_DYNAMIC;
  }
}

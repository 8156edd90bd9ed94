package io.inferc.spi;

/** The arithmetic a compiled model uses where it may choose, and how it keeps its weights. */
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
  INT8_DYNAMIC,
  /** Weights of matrix products in blocks of 8-bit integers, activations in floating point. */
  WEIGHTS8,
  /** Weights of matrix products in blocks of 4-bit integers, activations in floating point. */
  WEIGHTS4;

  /**
   * Tells whether layers take activations as integers, so that these need scales.
   *
   * @return true for {@link #INT8} and {@link #INT8_DYNAMIC}
   */
  public boolean isInteger() {
    return this == INT8 || this == INT8_DYNAMIC;
  }

  /**
   * Tells whether layers keep weights as integers, and take activations in floating point.
   *
   * @return true for {@link #WEIGHTS8} and {@link #WEIGHTS4}
   */
  public boolean isWeightOnly() {
    return this == WEIGHTS8 || this == WEIGHTS4;
  }

  /**
   * Tells whether layers are quantized, be it activations and weights or weights alone.
   *
   * @return true if {@link #isInteger} or {@link #isWeightOnly}
   */
  public boolean quantizes() {
    return isInteger() || isWeightOnly();
  }
}

package io.inferc;

import io.inferc.spi.NumericPrecision;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The precision a model is compiled at.
 *
 * <p>This version compiles FP32. A request for another precision is refused when the compiler is
 * built.
 *
 * <p>Immutable.
 */
public final class Precision {
  private static final Precision FP32 = new Precision(NumericPrecision.FP32);

  private final NumericPrecision numeric;

  private Precision(NumericPrecision numeric) {
    this.numeric = numeric;
  }

  /**
   * Returns single precision: the model computes as it was trained.
   *
   * @return FP32
   */
  public static Precision fp32() {
    return FP32;
  }

  /**
   * Returns half precision.
   *
   * @return FP16
   */
  public static Precision fp16() {
    return new Precision(NumericPrecision.FP16);
  }

  /**
   * Returns bfloat16.
   *
   * @return BF16
   */
  public static Precision bf16() {
    return new Precision(NumericPrecision.BF16);
  }

  /**
   * Returns 8-bit integers whose activation scales are worked out at run time.
   *
   * @return INT8_DYNAMIC
   */
  public static Precision int8Dynamic() {
    return new Precision(NumericPrecision.INT8_DYNAMIC);
  }

  /**
   * Returns the arithmetic asked for.
   *
   * @return the numeric precision
   */
  public NumericPrecision numeric() {
    return numeric;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Precision p && p.numeric == numeric;
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(numeric);
  }

  /** Returns for example {@code FP32}. */
  @Override
  public String toString() {
    return numeric.toString();
  }
}

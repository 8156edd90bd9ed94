package io.inferc.rewrite.quantize;

import io.inferc.calibrate.TensorRange;
import io.inferc.tensor.DataType;
import org.jspecify.annotations.Nullable;

/**
 * How numbers are written as 8-bit integers: {@code real = (integer - zeroPoint) * scale}, as the
 * ONNX operators QuantizeLinear and DequantizeLinear compute it.
 *
 * <pre>{@code
 * QuantizationParameters p =
 *     QuantizationParameters.of(TensorRange.observed(-1, 3), DataType.UINT8, false);
 * int q = p.quantize(0.5f);
 * float back = p.dequantize(q);
 * }</pre>
 *
 * @param type {@link DataType#INT8} or {@link DataType#UINT8}
 * @param scale the step between two neighbouring integers, positive and finite
 * @param zeroPoint the integer that stands for 0
 */
public record QuantizationParameters(DataType type, float scale, int zeroPoint) {
  /**
   * The smallest scale that is made. The product of two such scales is still a normal number, as
   * the scale of a bias must be.
   */
  public static final float SMALLEST_SCALE = 0x1p-60f;

  private static final float LARGEST_SCALE = 0x1p60f;

  // Rounding the zero point takes a few hundredths; what takes more cuts off values in use.
  private static final float LEAST_SHARE_OF_STEP = 0.9f;

  public QuantizationParameters {
    if (type != DataType.INT8 && type != DataType.UINT8) {
      throw new IllegalArgumentException(
          "Tried to quantize to " + type + ", but it takes INT8 or UINT8.");
    }
    if (!(scale > 0) || !Float.isFinite(scale)) {
      throw new IllegalArgumentException(
          "Tried to quantize with the scale " + scale + "; it takes a positive, finite number.");
    }
    if (zeroPoint < lowest(type) || zeroPoint > highest(type)) {
      throw new IllegalArgumentException(
          "Tried to quantize with the zero point " + zeroPoint + ", which is no " + type + ".");
    }
  }

  /**
   * Chooses scale and zero point for the values of a tensor. The range is widened to include 0,
   * which is then represented exactly. A range of nothing but 0 gets the scale of values up to 1,
   * so that a value which comes after all is not lost.
   *
   * @param range the values to represent
   * @param type {@link DataType#INT8} or {@link DataType#UINT8}
   * @param symmetric true to fix the zero point at 0 (INT8) or 128 (UINT8)
   * @return the parameters
   */
  public static QuantizationParameters of(TensorRange range, DataType type, boolean symmetric) {
    return of(range.min(), range.max(), type, symmetric);
  }

  /**
   * Chooses scale and zero point for values between two ends, as {@link #of(TensorRange, DataType,
   * boolean)} does.
   *
   * @param min the low end
   * @param max the high end
   * @param type {@link DataType#INT8} or {@link DataType#UINT8}
   * @param symmetric true to fix the zero point at 0 (INT8) or 128 (UINT8)
   * @return the parameters
   */
  public static QuantizationParameters of(float min, float max, DataType type, boolean symmetric) {
    double low = Math.min(min, 0);
    double high = Math.max(max, 0);
    int center = type == DataType.UINT8 ? 128 : 0;
    if (symmetric) {
      double magnitude = Math.max(-low, high);
      return new QuantizationParameters(type, scale(magnitude, 127), center);
    }
    float scale = scale(high - low, 255);
    double zero = lowest(type) - Math.rint(low / scale);
    int zeroPoint = (int) Math.max(lowest(type), Math.min(highest(type), zero));
    return new QuantizationParameters(type, scale, zeroPoint);
  }

  /**
   * Returns parameters like these of which no integer stands for a number beyond two bounds. The
   * step gets as little smaller as it can; where the zero point is free it moves by one for that.
   *
   * @param low at most 0
   * @param high at least 0
   * @return these if they keep to the bounds, or if the step would get much smaller: where bounds
   *     do not lie around 0, or a zero point in the middle does not fit them, it would cut values
   *     off
   */
  QuantizationParameters within(float low, float high) {
    @Nullable QuantizationParameters best = null;
    for (int zero : new int[] {zeroPoint, zeroPoint + 1, zeroPoint - 1}) {
      if (zero < lowest(type) || zero > highest(type)) {
        continue;
      }
      float fitting = fitting(zero, low, high);
      if (fitting > 0 && (best == null || fitting > best.scale)) {
        best = new QuantizationParameters(type, fitting, zero);
      }
    }
    return best == null || best.scale < LEAST_SHARE_OF_STEP * scale ? this : best;
  }

  /** The largest step that is not larger than this one and keeps to the bounds. */
  private float fitting(int zero, float low, float high) {
    int below = lowest(type) - zero;
    int above = highest(type) - zero;
    float fitting = scale;
    if (below < 0) {
      fitting = Math.min(fitting, low / below);
    }
    if (above > 0) {
      fitting = Math.min(fitting, high / above);
    }
    while (fitting > 0 && (below * fitting < low || above * fitting > high)) {
      fitting = Math.nextDown(fitting);
    }
    return fitting;
  }

  /** The scale at which so many steps reach a magnitude. */
  static float scale(double magnitude, int steps) {
    double reach = magnitude == 0 ? 1 : magnitude;
    return (float) Math.max(SMALLEST_SCALE, Math.min(LARGEST_SCALE, reach / steps));
  }

  /**
   * Quantizes a number: divides in single precision, rounds half to even, and saturates.
   *
   * @param value any number but NaN
   * @return the integer that QuantizeLinear gives
   */
  public int quantize(float value) {
    double shifted = Math.rint(value / scale) + zeroPoint;
    return (int) Math.max(lowest(type), Math.min(highest(type), shifted));
  }

  /**
   * Returns the number that an integer stands for.
   *
   * @param quantized an integer of the type
   * @return the number that DequantizeLinear gives
   */
  public float dequantize(int quantized) {
    return (quantized - zeroPoint) * scale;
  }

  private static int lowest(DataType type) {
    return type == DataType.UINT8 ? 0 : -128;
  }

  private static int highest(DataType type) {
    return type == DataType.UINT8 ? 255 : 127;
  }
}

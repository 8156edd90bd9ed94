package io.inferc.benchmark.trace;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a floating-point type within bounds, the upper one not included.
 *
 * @param type the type, of 16 bits or more
 * @param least the least of them
 * @param most the largest of them
 */
record FloatValues(DataType type, double least, double most) {
  /** Finds them; null if there are none, or a bound is beyond the type's largest number. */
  static @Nullable FloatValues of(DataType type, GeneratedValues.Floats bounds) {
    double largest = largest(type);
    if (bounds.low() < -largest || bounds.high() > largest) {
      return null;
    }
    double least = rounded(type, bounds.low());
    if (bounds.low() == bounds.high()) {
      return new FloatValues(type, least, least);
    }
    if (least < bounds.low()) {
      least = next(type, least, 1);
    }
    double most = rounded(type, bounds.high());
    if (most >= bounds.high()) {
      most = next(type, most, -1);
    }
    return least <= most ? new FloatValues(type, least, most) : null;
  }

  /** The one that is nearest to a number, or nearly so. */
  double nearest(double value) {
    return Math.max(least, Math.min(most, rounded(type, value)));
  }

  static double largest(DataType type) {
    return switch (type) {
      case FLOAT16 -> Half.fromFloat16((short) 0x7BFF);
      case BFLOAT16 -> Half.fromBfloat16((short) 0x7F7F);
      case FLOAT32 -> Float.MAX_VALUE;
      default -> Double.MAX_VALUE;
    };
  }

  private static double rounded(DataType type, double value) {
    return switch (type) {
      case FLOAT16 -> Half.fromFloat16(Half.toFloat16((float) value));
      case BFLOAT16 -> Half.fromBfloat16(Half.toBfloat16((float) value));
      case FLOAT32 -> (float) value;
      default -> value;
    };
  }

  /** The number of the type that follows one in a direction, 1 or -1. */
  private static double next(DataType type, double value, int direction) {
    return switch (type) {
      case FLOAT16 -> Half.fromFloat16(next(Half.toFloat16((float) value), direction));
      case BFLOAT16 -> Half.fromBfloat16(next(Half.toBfloat16((float) value), direction));
      case FLOAT32 -> Math.nextAfter((float) value, direction * Double.POSITIVE_INFINITY);
      default -> Math.nextAfter(value, direction * Double.POSITIVE_INFINITY);
    };
  }

  /** Bits count up from zero on, beside the sign. */
  private static short next(short bits, int direction) {
    int fromZero = bits < 0 ? -(bits & 0x7FFF) : bits;
    int moved = fromZero + direction;
    return (short) (moved < 0 ? 0x8000 | -moved : moved);
  }
}

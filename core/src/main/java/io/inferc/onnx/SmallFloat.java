package io.inferc.onnx;

import io.inferc.tensor.DataType;
import java.util.Arrays;

/**
 * Conversions between {@code float} and the floating-point types of 16 bits and fewer, as the ONNX
 * specification of {@code Cast} has them: round to nearest, ties to even, and for 8 bits and fewer
 * saturate at the largest finite value.
 */
final class SmallFloat {
  private SmallFloat() {}

  static float fromHalf(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >>> 10) & 0x1f;
    int mantissa = bits & 0x3ff;
    if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int rebased = exponent == 0x1f ? 0xff : exponent + 112;
    return Float.intBitsToFloat(sign | (rebased << 23) | (mantissa << 13));
  }

  static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 0x477ff000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) {
      // Adding one half-precision subnormal unit's worth of 2^23 makes the hardware round for us.
      float rounded = Float.intBitsToFloat(magnitude) + 0.5f;
      return (short) (sign | (Float.floatToRawIntBits(rounded) - 0x3f000000));
    }
    int odd = (magnitude >>> 13) & 1;
    return (short) (sign | ((magnitude + 0xfff + odd - 0x38000000) >>> 13));
  }

  static float fromBrain(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  static short toBrain(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fffffff) > 0x7f800000) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /** Decodes a code of one of the types of 8 bits and fewer. */
  static float decode(DataType type, int code) {
    return switch (type) {
      case FLOAT8E4M3FN ->
          (code & 0x7f) == 0x7f ? Float.NaN : signed(code & 0x80, magnitude(code & 0x7f, 3, 7));
      case FLOAT8E4M3FNUZ ->
          code == 0x80 ? Float.NaN : signed(code & 0x80, magnitude(code & 0x7f, 3, 8));
      case FLOAT8E5M2 -> {
        int rest = code & 0x7f;
        if (rest > 0x7c) {
          yield Float.NaN;
        }
        float size = rest == 0x7c ? Float.POSITIVE_INFINITY : magnitude(rest, 2, 15);
        yield signed(code & 0x80, size);
      }
      case FLOAT8E5M2FNUZ ->
          code == 0x80 ? Float.NaN : signed(code & 0x80, magnitude(code & 0x7f, 2, 16));
      case FLOAT8E8M0 -> code == 0xff ? Float.NaN : (float) Math.scalb(1.0, code - 127);
      case FLOAT4E2M1 -> signed(code & 8, magnitude(code & 7, 1, 1));
      default -> throw new IllegalArgumentException(type + " is not a small float.");
    };
  }

  private static float magnitude(int code, int mantissaBits, int bias) {
    int exponent = code >>> mantissaBits;
    int mantissa = code & ((1 << mantissaBits) - 1);
    return exponent == 0
        ? Math.scalb((float) mantissa, 1 - bias - mantissaBits)
        : Math.scalb((float) (mantissa + (1 << mantissaBits)), exponent - bias - mantissaBits);
  }

  private static float signed(int sign, float magnitude) {
    return sign == 0 ? magnitude : -magnitude;
  }

  /** Turns floats into codes of one small type; makes its table once for many values. */
  static final class Encoder {
    private final DataType type;
    private final float[] magnitudes;
    private final int signBit;

    Encoder(DataType type) {
      this.type = type;
      this.signBit = type == DataType.FLOAT8E8M0 ? 0 : 1 << (type.bitWidth() - 1);
      int codes = type == DataType.FLOAT8E8M0 ? 256 : signBit;
      float[] finite = new float[codes];
      int n = 0;
      for (int code = 0; code < codes; code++) {
        float value = decode(type, code);
        if (Float.isFinite(value)) {
          finite[n++] = value;
        }
      }
      this.magnitudes = Arrays.copyOf(finite, n);
    }

    int encode(float value) {
      if (Float.isNaN(value)) {
        return switch (type) {
          case FLOAT8E4M3FN, FLOAT8E5M2 -> 0x7f;
          case FLOAT8E4M3FNUZ, FLOAT8E5M2FNUZ -> 0x80;
          case FLOAT8E8M0 -> 0xff;
          default -> magnitudes.length - 1;
        };
      }
      boolean negative = Float.floatToRawIntBits(value) < 0;
      int code = nearest(Math.abs(value));
      boolean unsignedZero =
          type == DataType.FLOAT8E4M3FNUZ
              || type == DataType.FLOAT8E5M2FNUZ
              || type == DataType.FLOAT8E8M0;
      return negative && !(unsignedZero && (code == 0 || signBit == 0)) ? code | signBit : code;
    }

    private int nearest(float value) {
      int at = Arrays.binarySearch(magnitudes, value);
      if (at >= 0) {
        return at;
      }
      int above = -at - 1;
      if (above == 0) {
        return 0;
      }
      if (above == magnitudes.length) {
        return above - 1;
      }
      // Doubles hold the distances exactly, so that a tie is seen as one.
      double down = (double) value - magnitudes[above - 1];
      double up = (double) magnitudes[above] - value;
      if (down != up) {
        return down < up ? above - 1 : above;
      }
      return (above & 1) == 0 ? above : above - 1;
    }
  }
}

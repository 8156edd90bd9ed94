package io.inferc.rewrite.half;

import io.inferc.onnx.Initializer;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** Looks at constants, and writes them in half precision. */
final class HalfValues {
  private static final int RUN = 1 << 20;
  private static final int LARGEST_BUFFER = Integer.MAX_VALUE - 8;

  /**
   * What matters of a constant.
   *
   * @param largest the largest finite magnitude
   * @param smallest the smallest magnitude that is not zero, or infinity if there is none
   * @param lowest the lowest finite value, or infinity if there is none
   * @param highest the highest finite value, or negative infinity if there is none
   */
  record Extremes(float largest, float smallest, float lowest, float highest) {
    boolean isZero() {
      return largest == 0;
    }
  }

  private final DataType target;
  private final Map<String, Extremes> known = new HashMap<>();

  HalfValues(DataType target) {
    this.target = target;
  }

  /** The largest finite value of the type. */
  float largest() {
    return target == DataType.FLOAT16 ? 65504 : 0x1.fep127f;
  }

  /** The smallest value of the type that has all its digits. */
  float smallestNormal() {
    return target == DataType.FLOAT16 ? 0x1p-14f : 0x1p-126f;
  }

  /**
   * What stands for "far below everything" in masks. Its exponential is zero, and it leaves room
   * for two masks and what they are added to: the largest value itself would become infinite there,
   * and a row that is masked throughout not a number.
   */
  float masked() {
    return target == DataType.FLOAT16 ? -0x1p14f : -0x1p126f;
  }

  boolean fitsInMemory(Initializer constant) {
    return constant.elementCount() <= LARGEST_BUFFER / 2;
  }

  Extremes extremes(Initializer constant) {
    return known.computeIfAbsent(constant.name(), n -> measure(constant));
  }

  private static Extremes measure(Initializer constant) {
    float largest = 0;
    float smallest = Float.POSITIVE_INFINITY;
    float lowest = Float.POSITIVE_INFINITY;
    float highest = Float.NEGATIVE_INFINITY;
    long count = constant.elementCount();
    for (long from = 0; from < count; from += RUN) {
      for (float value : constant.floats(from, (int) Math.min(RUN, count - from))) {
        float magnitude = Math.abs(value);
        if (magnitude <= Float.MAX_VALUE) {
          largest = Math.max(largest, magnitude);
          lowest = Math.min(lowest, value);
          highest = Math.max(highest, value);
          if (magnitude > 0) {
            smallest = Math.min(smallest, magnitude);
          }
        }
      }
    }
    return new Extremes(largest, smallest, lowest, highest);
  }

  /** Writes a constant in half precision; values beyond its range become what is given for them. */
  Initializer convert(Initializer constant, String name, Clamp clamp) {
    long count = constant.elementCount();
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(2 * count)).order(ByteOrder.LITTLE_ENDIAN);
    for (long from = 0; from < count; from += RUN) {
      for (float value : constant.floats(from, (int) Math.min(RUN, count - from))) {
        float clamped = clamp(value, clamp);
        bytes.putShort(
            target == DataType.FLOAT16 ? Half.toFloat16(clamped) : Half.toBfloat16(clamped));
      }
    }
    return Initializer.wrap(name, target, bytes.flip(), constant.dims());
  }

  /** Writes a constant in single precision with values that half precision can hold. */
  Initializer clamped(Initializer constant, String name, Clamp clamp) {
    float[] values = constant.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] = clamp(values[i], clamp);
    }
    return Initializer.floats(name, values, constant.dims());
  }

  private float clamp(float value, Clamp clamp) {
    if (clamp == Clamp.NONE || Float.isInfinite(value) || Math.abs(value) <= largest()) {
      return value;
    }
    float limit = clamp == Clamp.MASK ? -masked() : largest();
    return Math.copySign(limit, value);
  }

  /** What a value beyond the range of half precision stands for. */
  enum Clamp {
    /** For itself: there is none, or the node stays in single precision. */
    NONE,
    /** For being masked out. */
    MASK,
    /** For having no bound. */
    BOUND
  }
}

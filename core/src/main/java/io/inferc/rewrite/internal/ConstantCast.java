package io.inferc.rewrite.internal;

import io.inferc.onnx.Initializer;
import io.inferc.tensor.DataType;
import java.util.Set;

/** Converts constants between types wherever the result is defined and rounded once. */
public final class ConstantCast {
  private static final Set<DataType> WHOLE =
      Set.of(
          DataType.BOOL,
          DataType.INT8,
          DataType.UINT8,
          DataType.INT16,
          DataType.UINT16,
          DataType.INT32,
          DataType.UINT32,
          DataType.INT64);

  private ConstantCast() {}

  static Initializer cast(Initializer from, long code) {
    DataType to =
        DataType.fromOnnxCode((int) code)
            .orElseThrow(() -> new CannotFoldException("There is no such type."));
    if (from.type() == to) {
      return from;
    }
    if (WHOLE.contains(from.type())) {
      return ofIntegers(from, to);
    }
    return switch (from.type()) {
      case FLOAT32, FLOAT16, BFLOAT16 -> ofFloats(from, to);
      default -> throw new CannotFoldException("A cast from " + from.type() + " is left alone.");
    };
  }

  /** Rounds floating-point numbers of any width to single precision. */
  static Initializer toFloat(Initializer from) {
    if (from.type() != DataType.FLOAT64) {
      return ofFloats(from, DataType.FLOAT32);
    }
    double[] values = from.doubles();
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Initializer.floats("", floats, from.dims());
  }

  private static Initializer ofIntegers(Initializer from, DataType to) {
    long[] values = from.longs();
    if (to == DataType.FLOAT32) {
      float[] floats = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        floats[i] = values[i];
      }
      return Initializer.floats("", floats, from.dims());
    }
    for (int i = 0; to == DataType.BOOL && i < values.length; i++) {
      values[i] = values[i] != 0 ? 1 : 0;
    }
    return whole(values, to, from.dims());
  }

  private static Initializer ofFloats(Initializer from, DataType to) {
    float[] floats = from.floats();
    if (to == DataType.FLOAT32 || (from.type() == DataType.FLOAT32 && isHalf(to))) {
      return Initializer.floats("", to, floats, from.dims());
    }
    long[] values = new long[floats.length];
    for (int i = 0; i < floats.length; i++) {
      boolean exact = Math.abs(floats[i]) < 0x1p63f;
      if (!exact) {
        throw new CannotFoldException(floats[i] + " is beyond the integers.");
      }
      values[i] = to == DataType.BOOL ? (floats[i] != 0 ? 1 : 0) : (long) floats[i];
    }
    return whole(values, to, from.dims());
  }

  private static boolean isHalf(DataType type) {
    return type == DataType.FLOAT16 || type == DataType.BFLOAT16;
  }

  /** What becomes of a number that the type cannot hold is left open, so it is refused. */
  private static Initializer whole(long[] values, DataType to, long... dims) {
    if (!WHOLE.contains(to)) {
      throw new CannotFoldException("A cast to " + to + " is left alone.");
    }
    try {
      return Initializer.longs("", to, values, dims);
    } catch (IllegalArgumentException e) {
      throw new CannotFoldException("A value is out of range of " + to + ".");
    }
  }
}

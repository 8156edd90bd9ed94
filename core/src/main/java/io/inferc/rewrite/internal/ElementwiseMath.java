package io.inferc.rewrite.internal;

import io.inferc.onnx.Initializer;
import io.inferc.tensor.DataType;
import java.util.List;
import java.util.Set;

/**
 * Arithmetic on constants where Java's result is the specification's to the last bit: single IEEE
 * 754 operations in FLOAT32, and integers of 32 and 64 bits, which wrap around.
 */
public final class ElementwiseMath {
  private static final Set<DataType> INTEGERS = Set.of(DataType.INT32, DataType.INT64);
  private static final Set<DataType> LOGICAL =
      Set.of(DataType.INT32, DataType.INT64, DataType.BOOL);

  private ElementwiseMath() {}

  private interface OnFloats {
    float apply(float a, float b);
  }

  private interface OnLongs {
    long apply(long a, long b);
  }

  private interface OnDoubles {
    double apply(double a, double b);
  }

  static Initializer binary(String operator, Initializer a, Initializer b) {
    requireSameType(a, b);
    if (a.type() == DataType.FLOAT32) {
      return floats(a, b, onFloats(operator));
    }
    if (INTEGERS.contains(a.type())) {
      return longs(a, b, a.type(), onLongs(operator));
    }
    throw new CannotFoldException("There is no exact " + operator + " of " + a.type() + ".");
  }

  private static void requireSameType(Initializer a, Initializer b) {
    if (a.type() != b.type()) {
      throw new CannotFoldException("The types do not fit each other.");
    }
  }

  private static OnFloats onFloats(String operator) {
    return switch (operator) {
      case "Add" -> (a, b) -> a + b;
      case "Sub" -> (a, b) -> a - b;
      case "Mul" -> (a, b) -> a * b;
      case "Div" -> (a, b) -> a / b;
      default -> throw new CannotFoldException(operator + " is for integers.");
    };
  }

  private static OnLongs onLongs(String operator) {
    return switch (operator) {
      case "Add" -> (a, b) -> a + b;
      case "Sub" -> (a, b) -> a - b;
      case "Mul" -> (a, b) -> a * b;
      // Java and ONNX both round towards zero, but what a division by zero gives is open.
      case "Div" -> (a, b) -> a / divisor(a, b);
      case "Mod" -> (a, b) -> Math.floorMod(a, divisor(a, b));
      default -> throw new CannotFoldException("There is no " + operator + " of integers.");
    };
  }

  private static long divisor(long a, long b) {
    if (b == 0 || (b == -1 && (a == Long.MIN_VALUE || a == Integer.MIN_VALUE))) {
      throw new CannotFoldException("The result of a division is not defined.");
    }
    return b;
  }

  static Initializer compare(String operator, Initializer a, Initializer b) {
    requireSameType(a, b);
    if (a.type() == DataType.FLOAT32) {
      OnDoubles test =
          switch (operator) {
            case "Equal" -> (x, y) -> x == y ? 1 : 0;
            case "Less" -> (x, y) -> x < y ? 1 : 0;
            case "LessOrEqual" -> (x, y) -> x <= y ? 1 : 0;
            case "Greater" -> (x, y) -> x > y ? 1 : 0;
            case "GreaterOrEqual" -> (x, y) -> x >= y ? 1 : 0;
            default -> throw new CannotFoldException(operator + " is for truth values.");
          };
      return test(a, b, test);
    }
    if (!LOGICAL.contains(a.type())) {
      throw new CannotFoldException("There is no " + operator + " of " + a.type() + ".");
    }
    OnLongs test =
        switch (operator) {
          case "Equal" -> (x, y) -> x == y ? 1 : 0;
          case "Less" -> (x, y) -> x < y ? 1 : 0;
          case "LessOrEqual" -> (x, y) -> x <= y ? 1 : 0;
          case "Greater" -> (x, y) -> x > y ? 1 : 0;
          case "GreaterOrEqual" -> (x, y) -> x >= y ? 1 : 0;
          case "And" -> (x, y) -> x & y;
          case "Or" -> (x, y) -> x | y;
          default -> (x, y) -> x ^ y;
        };
    return longs(a, b, DataType.BOOL, test);
  }

  private static Initializer floats(Initializer a, Initializer b, OnFloats operation) {
    long[] dims = Strides.broadcastDims(a.dims(), b.dims());
    float[] left = a.floats();
    float[] right = b.floats();
    float[] result = new float[Strides.count(dims)];
    Strides.walk(
        dims,
        Strides.broadcast(a.dims(), dims),
        0,
        Strides.broadcast(b.dims(), dims),
        0,
        (i, at, other) -> result[i] = number(operation.apply(left[at], right[other])));
    return Initializer.floats("", result, dims);
  }

  /** Which bits a NaN has is left to the machine. */
  private static float number(float value) {
    if (Float.isNaN(value)) {
      throw new CannotFoldException("The result is not a number.");
    }
    return value;
  }

  private static Initializer longs(Initializer a, Initializer b, DataType type, OnLongs operation) {
    long[] dims = Strides.broadcastDims(a.dims(), b.dims());
    long[] left = a.longs();
    long[] right = b.longs();
    long[] result = new long[Strides.count(dims)];
    Strides.walk(
        dims,
        Strides.broadcast(a.dims(), dims),
        0,
        Strides.broadcast(b.dims(), dims),
        0,
        (i, at, other) -> {
          long value = operation.apply(left[at], right[other]);
          result[i] = type == DataType.INT32 ? (int) value : value;
        });
    return Initializer.longs("", type, result, dims);
  }

  private static Initializer test(Initializer a, Initializer b, OnDoubles operation) {
    long[] dims = Strides.broadcastDims(a.dims(), b.dims());
    float[] left = a.floats();
    float[] right = b.floats();
    long[] result = new long[Strides.count(dims)];
    Strides.walk(
        dims,
        Strides.broadcast(a.dims(), dims),
        0,
        Strides.broadcast(b.dims(), dims),
        0,
        (i, at, other) -> result[i] = (long) operation.apply(left[at], right[other]));
    return Initializer.longs("", DataType.BOOL, result, dims);
  }

  static Initializer unary(String operator, Initializer a) {
    if (a.type() == DataType.FLOAT32) {
      float[] values = a.floats();
      for (int i = 0; i < values.length; i++) {
        float v = values[i];
        values[i] =
            number(
                switch (operator) {
                  case "Neg" -> -v;
                  case "Abs" -> Math.abs(v);
                  case "Floor" -> (float) Math.floor(v);
                  case "Ceil" -> (float) Math.ceil(v);
                  // The root of a float, rounded twice, is the root rounded once.
                  case "Sqrt" -> (float) Math.sqrt(v);
                  default -> throw new CannotFoldException("There is no float " + operator + ".");
                });
      }
      return Initializer.floats("", values, a.dims());
    }
    long[] values = LOGICAL.contains(a.type()) ? a.longs() : new long[0];
    boolean truth = a.type() == DataType.BOOL;
    if (!LOGICAL.contains(a.type()) || truth != operator.equals("Not")) {
      throw new CannotFoldException("There is no exact " + operator + " of " + a.type() + ".");
    }
    for (int i = 0; i < values.length; i++) {
      long v =
          switch (operator) {
            case "Not" -> 1 - values[i];
            case "Neg" -> -values[i];
            case "Abs" -> Math.abs(values[i]);
            default -> throw new CannotFoldException("There is no integer " + operator + ".");
          };
      values[i] = a.type() == DataType.INT32 ? (int) v : v;
    }
    return Initializer.longs("", a.type(), values, a.dims());
  }

  static Initializer where(Initializer condition, Initializer a, Initializer b) {
    requireSameType(a, b);
    long[] dims =
        Strides.broadcastDims(Strides.broadcastDims(a.dims(), b.dims()), condition.dims());
    Initializer chosen = TensorMoves.expand(condition, dims);
    Initializer both =
        TensorMoves.concat(
            List.of(
                TensorMoves.withDims(TensorMoves.expand(b, dims), Strides.count(dims)),
                TensorMoves.withDims(TensorMoves.expand(a, dims), Strides.count(dims))),
            0);
    long[] indices = chosen.longs();
    for (int i = 0; i < indices.length; i++) {
      indices[i] = indices[i] * indices.length + i;
    }
    return TensorMoves.gather(both, Initializer.longs("", indices, dims), 0);
  }
}

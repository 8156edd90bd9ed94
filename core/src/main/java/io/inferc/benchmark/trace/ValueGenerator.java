package io.inferc.benchmark.trace;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** Fills tensors with values within bounds. */
final class ValueGenerator {
  private final GeneratedValues values;

  ValueGenerator(GeneratedValues values) {
    this.values = values;
  }

  /** Refuses an input for which no values can be made up. */
  void require(TensorSpec spec) {
    DataType type = spec.type();
    if (type.isInteger() && type.bitWidth() >= Byte.SIZE) {
      values.boundsOf(spec.name(), type);
    } else if (isFloat(type)) {
      values.floatsOf(spec.name(), type);
    } else if (type != DataType.BOOL) {
      throw new IllegalArgumentException(
          "Tried to make up values for the input "
              + spec
              + ", but that is done for integers and floating-point numbers of 8 bits and more,"
              + " FLOAT8 excepted, and for BOOL. Record the contents of requests.");
    }
  }

  private static boolean isFloat(DataType type) {
    return switch (type) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> true;
      default -> false;
    };
  }

  void fill(TensorSpec spec, Tensor tensor, SplittableRandom random) {
    ByteBuffer bytes = tensor.bytes();
    DataType type = spec.type();
    if (type.isInteger()) {
      GeneratedValues.Integers bounds = values.boundsOf(spec.name(), type);
      while (bytes.hasRemaining()) {
        putInteger(bytes, type.bitWidth(), draw(bounds, random));
      }
    } else if (type == DataType.BOOL) {
      while (bytes.hasRemaining()) {
        bytes.put((byte) random.nextInt(2));
      }
    } else {
      FloatValues bounds = values.floatsOf(spec.name(), type);
      while (bytes.hasRemaining()) {
        double unit = random.nextDouble();
        double drawn = bounds.least() * (1 - unit) + bounds.most() * unit;
        putFloat(bytes, type, bounds.nearest(drawn));
      }
    }
  }

  private static long draw(GeneratedValues.Integers bounds, SplittableRandom random) {
    if (bounds.most() == Long.MAX_VALUE) {
      // Beyond by one is no number; the largest is left out, but where it is the only one.
      return bounds.least() == Long.MAX_VALUE
          ? Long.MAX_VALUE
          : random.nextLong(bounds.least(), Long.MAX_VALUE);
    }
    return random.nextLong(bounds.least(), bounds.most() + 1);
  }

  private static void putInteger(ByteBuffer to, int bits, long value) {
    switch (bits) {
      case Byte.SIZE -> to.put((byte) value);
      case Short.SIZE -> to.putShort((short) value);
      case Integer.SIZE -> to.putInt((int) value);
      default -> to.putLong(value);
    }
  }

  private static void putFloat(ByteBuffer to, DataType type, double value) {
    switch (type) {
      case FLOAT16 -> to.putShort(Half.toFloat16((float) value));
      case BFLOAT16 -> to.putShort(Half.toBfloat16((float) value));
      case FLOAT32 -> to.putFloat((float) value);
      default -> to.putDouble(value);
    }
  }
}

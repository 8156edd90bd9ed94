package io.inferc.tensor;

import java.nio.ByteBuffer;

/** Copies a tensor's elements to the heap in a wider Java type. */
final class ElementCopies {
  private ElementCopies() {}

  static void floats(Tensor tensor, int first, float[] into, int count) {
    ByteBuffer bytes = tensor.bytes();
    switch (tensor.type()) {
      case FLOAT32 -> bytes.asFloatBuffer().get(first, into, 0, count);
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          into[i] = Half.fromFloat16(bytes.getShort(2 * (first + i)));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          into[i] = Half.fromBfloat16(bytes.getShort(2 * (first + i)));
        }
      }
      case FLOAT64 -> {
        for (int i = 0; i < count; i++) {
          into[i] = (float) bytes.getDouble(8 * (first + i));
        }
      }
      default -> throw unsupported(tensor, "toFloatArray()", "toDoubleArray() or toLongArray()");
    }
  }

  static void doubles(Tensor tensor, int first, double[] into, int count) {
    ByteBuffer bytes = tensor.bytes();
    switch (tensor.type()) {
      case FLOAT64 -> bytes.asDoubleBuffer().get(first, into, 0, count);
      case FLOAT32 -> {
        for (int i = 0; i < count; i++) {
          into[i] = bytes.getFloat(4 * (first + i));
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          into[i] = Half.fromFloat16(bytes.getShort(2 * (first + i)));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          into[i] = Half.fromBfloat16(bytes.getShort(2 * (first + i)));
        }
      }
      case UINT64 -> {
        for (int i = 0; i < count; i++) {
          long value = bytes.getLong(8 * (first + i));
          into[i] = value >= 0 ? value : (value >>> 1 | (value & 1)) * 2.0;
        }
      }
      case UINT8, INT8, UINT16, INT16, INT32, UINT32, INT64, BOOL -> {
        for (int i = 0; i < count; i++) {
          into[i] = integer(tensor.type(), bytes, first + i);
        }
      }
      default -> throw unsupported(tensor, "toDoubleArray()", "bytes() or strings()");
    }
  }

  static long[] longs(Tensor tensor) {
    int n = Math.toIntExact(tensor.elementCount());
    ByteBuffer bytes = tensor.bytes();
    long[] out = new long[n];
    switch (tensor.type()) {
      case UINT8, INT8, UINT16, INT16, INT32, UINT32, INT64, UINT64, BOOL -> {
        for (int i = 0; i < n; i++) {
          out[i] = integer(tensor.type(), bytes, i);
        }
      }
      default -> throw unsupported(tensor, "toLongArray()", "toDoubleArray() or bytes()");
    }
    return out;
  }

  private static long integer(DataType type, ByteBuffer bytes, int i) {
    return switch (type) {
      case UINT8, BOOL -> bytes.get(i) & 0xff;
      case INT8 -> bytes.get(i);
      case UINT16 -> bytes.getShort(2 * i) & 0xffff;
      case INT16 -> bytes.getShort(2 * i);
      case INT32 -> bytes.getInt(4 * i);
      case UINT32 -> bytes.getInt(4 * i) & 0xffffffffL;
      default -> bytes.getLong(8 * i);
    };
  }

  private static IllegalStateException unsupported(Tensor tensor, String asked, String instead) {
    return new IllegalStateException(
        "Tried to read "
            + tensor
            + " with "
            + asked
            + ", which does not serve this element type."
            + " Use "
            + instead
            + ".");
  }
}

package io.inferc.tensor;

import java.nio.ByteBuffer;

/** Copies a tensor's elements to the heap in a wider Java type. */
final class ElementCopies {
  private ElementCopies() {}

  static float[] floats(Tensor tensor) {
    int n = Math.toIntExact(tensor.elementCount());
    ByteBuffer bytes = tensor.bytes();
    float[] out = new float[n];
    switch (tensor.type()) {
      case FLOAT32 -> bytes.asFloatBuffer().get(out);
      case FLOAT16 -> {
        for (int i = 0; i < n; i++) {
          out[i] = Half.fromFloat16(bytes.getShort(2 * i));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < n; i++) {
          out[i] = Half.fromBfloat16(bytes.getShort(2 * i));
        }
      }
      case FLOAT64 -> {
        for (int i = 0; i < n; i++) {
          out[i] = (float) bytes.getDouble(8 * i);
        }
      }
      default -> throw unsupported(tensor, "toFloatArray()", "toDoubleArray() or toLongArray()");
    }
    return out;
  }

  static double[] doubles(Tensor tensor) {
    int n = Math.toIntExact(tensor.elementCount());
    double[] out = new double[n];
    switch (tensor.type()) {
      case FLOAT64 -> tensor.doubles().get(out);
      case FLOAT32, FLOAT16, BFLOAT16 -> {
        float[] floats = floats(tensor);
        for (int i = 0; i < n; i++) {
          out[i] = floats[i];
        }
      }
      case UINT64 -> {
        long[] longs = longs(tensor);
        for (int i = 0; i < n; i++) {
          out[i] = longs[i] >= 0 ? longs[i] : (longs[i] >>> 1 | (longs[i] & 1)) * 2.0;
        }
      }
      case UINT8, INT8, UINT16, INT16, INT32, UINT32, INT64, BOOL -> {
        long[] longs = longs(tensor);
        for (int i = 0; i < n; i++) {
          out[i] = longs[i];
        }
      }
      default -> throw unsupported(tensor, "toDoubleArray()", "bytes() or strings()");
    }
    return out;
  }

  static long[] longs(Tensor tensor) {
    int n = Math.toIntExact(tensor.elementCount());
    long[] out = new long[n];
    switch (tensor.type()) {
      case INT64, UINT64 -> tensor.longs().get(out);
      case UINT8, INT8, UINT16, INT16, INT32, UINT32, BOOL -> {
        ByteBuffer bytes = tensor.bytes();
        for (int i = 0; i < n; i++) {
          out[i] =
              switch (tensor.type()) {
                case UINT8, BOOL -> bytes.get(i) & 0xff;
                case INT8 -> bytes.get(i);
                case UINT16 -> bytes.getShort(2 * i) & 0xffff;
                case INT16 -> bytes.getShort(2 * i);
                case INT32 -> bytes.getInt(4 * i);
                default -> bytes.getInt(4 * i) & 0xffffffffL;
              };
        }
      }
      default -> throw unsupported(tensor, "toLongArray()", "toDoubleArray() or bytes()");
    }
    return out;
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

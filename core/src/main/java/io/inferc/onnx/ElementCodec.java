package io.inferc.onnx;

import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Turns the little-endian bytes of a dense tensor into Java numbers and back. */
final class ElementCodec {
  private ElementCodec() {}

  static float[] floats(DataType type, List<ByteBuffer> chunks, long from, int count) {
    requireReal(type, "floats");
    float[] out = new float[count];
    eachRun(
        type,
        chunks,
        from,
        count,
        (chunk, first, at, n) -> {
          if (type == DataType.FLOAT32) {
            chunk.asFloatBuffer().position(first).get(out, at, n);
          } else {
            for (int i = 0; i < n; i++) {
              out[at + i] = (float) number(type, chunk, first + i);
            }
          }
        });
    return out;
  }

  static double[] doubles(DataType type, List<ByteBuffer> chunks, long from, int count) {
    requireReal(type, "doubles");
    double[] out = new double[count];
    eachRun(
        type,
        chunks,
        from,
        count,
        (chunk, first, at, n) -> {
          for (int i = 0; i < n; i++) {
            out[at + i] = number(type, chunk, first + i);
          }
        });
    return out;
  }

  static long[] longs(DataType type, List<ByteBuffer> chunks, long from, int count) {
    if (!type.isInteger() && type != DataType.BOOL) {
      throw new IllegalStateException(
          "Tried to read integers of a tensor of "
              + type
              + ", which would lose what is behind the point. Use floats() or doubles().");
    }
    long[] out = new long[count];
    eachRun(
        type,
        chunks,
        from,
        count,
        (chunk, first, at, n) -> {
          for (int i = 0; i < n; i++) {
            out[at + i] = integer(type, chunk, first + i);
          }
        });
    return out;
  }

  private static void requireReal(DataType type, String what) {
    if (!type.isFloatingPoint() && !type.isInteger() && type != DataType.BOOL) {
      throw new IllegalStateException(
          "Tried to read "
              + what
              + " of a tensor of "
              + type
              + ", which are not real numbers. Use "
              + (type == DataType.STRING ? "strings()." : "bytes()."));
    }
  }

  private interface Run {
    void apply(ByteBuffer chunk, int firstElement, int at, int count);
  }

  private static void eachRun(
      DataType type, List<ByteBuffer> chunks, long from, int count, Run run) {
    long perChunk = (long) MappedFile.MAX_SLICE * 8 / type.bitWidth();
    int done = 0;
    while (done < count) {
      long element = from + done;
      int first = (int) (element % perChunk);
      int n = (int) Math.min(count - done, perChunk - first);
      run.apply(chunks.get((int) (element / perChunk)), first, done, n);
      done += n;
    }
  }

  private static double number(DataType type, ByteBuffer chunk, int at) {
    return switch (type) {
      case FLOAT32 -> chunk.getFloat(at * 4);
      case FLOAT64 -> chunk.getDouble(at * 8);
      case FLOAT16 -> SmallFloat.fromHalf(chunk.getShort(at * 2));
      case BFLOAT16 -> SmallFloat.fromBrain(chunk.getShort(at * 2));
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
          SmallFloat.decode(type, bits(type, chunk, at));
      case UINT64 -> {
        long value = chunk.getLong(at * 8);
        yield value >= 0 ? value : (value >>> 1 | (value & 1)) * 2.0;
      }
      default -> integer(type, chunk, at);
    };
  }

  private static long integer(DataType type, ByteBuffer chunk, int at) {
    return switch (type) {
      case INT64, UINT64 -> chunk.getLong(at * 8);
      case INT32 -> chunk.getInt(at * 4);
      case UINT32 -> chunk.getInt(at * 4) & 0xffffffffL;
      case INT16 -> chunk.getShort(at * 2);
      case UINT16 -> chunk.getShort(at * 2) & 0xffff;
      case INT8 -> chunk.get(at);
      case UINT8 -> chunk.get(at) & 0xff;
      case BOOL -> chunk.get(at) != 0 ? 1 : 0;
      case INT4 -> (bits(type, chunk, at) ^ 8) - 8;
      case INT2 -> (bits(type, chunk, at) ^ 2) - 2;
      case UINT4, UINT2 -> bits(type, chunk, at);
      default -> throw new IllegalArgumentException(type + " is not an integer type.");
    };
  }

  private static int bits(DataType type, ByteBuffer chunk, int at) {
    int width = type.bitWidth();
    int perByte = 8 / width;
    return (chunk.get(at / perByte) & 0xff) >>> (at % perByte * width) & ((1 << width) - 1);
  }

  /** Encodes floats, rounding to nearest even and saturating where the type has no infinity. */
  static ByteBuffer encode(DataType type, float[] values) {
    ByteBuffer out = buffer(type, values.length);
    switch (type) {
      case FLOAT32 -> {
        for (float value : values) {
          out.putFloat(value);
        }
      }
      case FLOAT64 -> {
        for (float value : values) {
          out.putDouble(value);
        }
      }
      case FLOAT16 -> {
        for (float value : values) {
          out.putShort(SmallFloat.toHalf(value));
        }
      }
      case BFLOAT16 -> {
        for (float value : values) {
          out.putShort(SmallFloat.toBrain(value));
        }
      }
      default -> {
        if (!type.isFloatingPoint()) {
          throw new IllegalArgumentException(
              "Tried to encode floats as " + type + ", which is not a floating-point type.");
        }
        SmallFloat.Encoder encoder = new SmallFloat.Encoder(type);
        for (int i = 0; i < values.length; i++) {
          putBits(type, out, i, encoder.encode(values[i]));
        }
      }
    }
    return out.clear();
  }

  /** Encodes integers; one that the type cannot hold is the caller's mistake. */
  static ByteBuffer encode(DataType type, long[] values) {
    if (!type.isInteger() && type != DataType.BOOL) {
      throw new IllegalArgumentException(
          "Tried to encode integers as " + type + ", which is not an integer type.");
    }
    ByteBuffer out = buffer(type, values.length);
    for (int i = 0; i < values.length; i++) {
      long value = values[i];
      requireFits(type, value);
      switch (type.bitWidth()) {
        case 64 -> out.putLong(value);
        case 32 -> out.putInt((int) value);
        case 16 -> out.putShort((short) value);
        case 8 -> out.put((byte) value);
        default -> putBits(type, out, i, (int) value & ((1 << type.bitWidth()) - 1));
      }
    }
    return out.clear();
  }

  private static void requireFits(DataType type, long value) {
    int width = type == DataType.BOOL ? 1 : type.bitWidth();
    if (width == 64) {
      return;
    }
    long low = type.isSigned() ? -(1L << (width - 1)) : 0;
    long high = type.isSigned() ? (1L << (width - 1)) - 1 : (1L << width) - 1;
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          "Tried to encode "
              + value
              + " as "
              + type
              + ", which holds "
              + low
              + " to "
              + high
              + ".");
    }
  }

  private static void putBits(DataType type, ByteBuffer out, int at, int code) {
    int perByte = 8 / type.bitWidth();
    int index = at / perByte;
    out.put(index, (byte) (out.get(index) | code << (at % perByte * type.bitWidth())));
  }

  private static ByteBuffer buffer(DataType type, int count) {
    long size = type.byteSize(count);
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "Tried to encode "
              + count
              + " values as "
              + type
              + ", but that takes over 2 GB. Wrap off-heap buffers instead.");
    }
    return ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
  }
}

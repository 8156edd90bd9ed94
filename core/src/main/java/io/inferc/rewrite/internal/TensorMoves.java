package io.inferc.rewrite.internal;

import io.inferc.onnx.Initializer;
import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Operators that move elements and compute nothing, on constants of any type of whole bytes. */
public final class TensorMoves {
  private TensorMoves() {}

  private static int width(DataType type) {
    if (type == DataType.STRING || type.bitWidth() < 8) {
      throw new CannotFoldException("Elements of " + type + " are not whole bytes.");
    }
    return type.bitWidth() / 8;
  }

  private static ByteBuffer allocate(DataType type, long... dims) {
    int bytes = Math.multiplyExact(Strides.count(dims), width(type));
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The same elements in other dimensions. */
  static Initializer withDims(Initializer data, long... dims) {
    width(data.type());
    if (Strides.count(dims) != data.elementCount()) {
      throw new CannotFoldException("The number of elements does not fit the new shape.");
    }
    return data.withDims(dims);
  }

  /** Takes elements at regular distances. */
  private static Initializer strided(Initializer data, long base, long[] strides, long... dims) {
    DataType type = data.type();
    int width = width(type);
    ByteBuffer from = data.bytes();
    ByteBuffer to = allocate(type, dims);
    Strides.walk(
        dims,
        strides,
        base,
        strides,
        base,
        (i, at, same) -> {
          switch (width) {
            case 8 -> to.putLong(i * 8, from.getLong(at * 8));
            case 4 -> to.putInt(i * 4, from.getInt(at * 4));
            case 2 -> to.putShort(i * 2, from.getShort(at * 2));
            case 1 -> to.put(i, from.get(at));
            default -> to.put(i * width, from, at * width, width);
          }
        });
    return Initializer.wrap("", type, to, dims);
  }

  public static Initializer transpose(Initializer data, long... order) {
    long[] own = Strides.of(data.dims());
    long[] dims = new long[own.length];
    long[] strides = new long[own.length];
    for (int i = 0; i < own.length; i++) {
      dims[i] = data.dims()[(int) order[i]];
      strides[i] = own[(int) order[i]];
    }
    return strided(data, 0, strides, dims);
  }

  static Initializer expand(Initializer data, long... shape) {
    long[] dims = Strides.broadcastDims(data.dims(), shape);
    return strided(data, 0, Strides.broadcast(data.dims(), dims), dims);
  }

  /** Slices as ONNX says: bounds count from the end if negative, and are clamped. */
  static Initializer slice(
      Initializer data, long[] starts, long[] ends, long[] axes, long[] steps) {
    long[] dims = data.dims();
    long[] strides = Strides.of(dims);
    long base = 0;
    for (int i = 0; i < axes.length; i++) {
      int axis = axis(axes[i], dims.length);
      long step = steps[i];
      long size = data.dims()[axis];
      if (step == 0 || step == Long.MIN_VALUE) {
        throw new CannotFoldException("A step of a slice is out of range.");
      }
      if (step < 0 && ends[i] >= Integer.MAX_VALUE) {
        // Clamped, that is nothing; some runtimes take it for everything.
        throw new CannotFoldException("The end of a backward slice is beyond the last element.");
      }
      long start = clamp(starts[i], size, 0, step > 0 ? size : size - 1);
      long end = clamp(ends[i], size, step > 0 ? 0 : -1, step > 0 ? size : size - 1);
      long span = step > 0 ? end - start : start - end;
      long length = span <= 0 || size == 0 ? 0 : (span - 1) / Math.abs(step) + 1;
      base += start * strides[axis];
      strides[axis] *= step;
      dims[axis] = length;
    }
    return strided(data, base, strides, dims);
  }

  private static long clamp(long bound, long size, long low, long high) {
    long fromStart = bound < 0 ? bound + size : bound;
    return Math.max(low, Math.min(high, fromStart));
  }

  static int axis(long axis, int rank) {
    long at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      throw new CannotFoldException("There is no axis " + axis + ".");
    }
    return (int) at;
  }

  static Initializer gather(Initializer data, Initializer indices, long axis) {
    long[] dims = data.dims();
    int at = axis(axis, dims.length);
    long[] result = new long[dims.length - 1 + indices.dims().length];
    System.arraycopy(dims, 0, result, 0, at);
    System.arraycopy(indices.dims(), 0, result, at, indices.dims().length);
    System.arraycopy(dims, at + 1, result, at + indices.dims().length, dims.length - at - 1);
    int block = Math.toIntExact(Strides.of(dims)[at] * width(data.type()));
    int outer = 1;
    for (int i = 0; i < at; i++) {
      outer *= (int) dims[i];
    }
    ByteBuffer from = data.bytes();
    ByteBuffer to = allocate(data.type(), result);
    long[] picked = indices.longs();
    for (int o = 0; o < outer; o++) {
      for (long index : picked) {
        long row = index < 0 ? index + dims[at] : index;
        if (row < 0 || row >= dims[at]) {
          throw new CannotFoldException("The index " + index + " is out of range.");
        }
        to.put(from.slice((int) (o * dims[at] + row) * block, block));
      }
    }
    return Initializer.wrap("", data.type(), to.flip(), result);
  }

  public static Initializer concat(List<Initializer> parts, long axis) {
    long[] dims = parts.get(0).dims();
    int at = axis(axis, dims.length);
    int outer = 1;
    for (int i = 0; i < at; i++) {
      outer *= (int) dims[i];
    }
    dims[at] = 0;
    for (Initializer part : parts) {
      long[] own = part.dims();
      boolean fits = own.length == dims.length && part.type() == parts.get(0).type();
      for (int i = 0; fits && i < own.length; i++) {
        fits = i == at || own[i] == dims[i];
      }
      if (!fits) {
        throw new CannotFoldException("The parts do not fit each other.");
      }
      dims[at] += own[at];
    }
    ByteBuffer to = allocate(parts.get(0).type(), dims);
    for (int o = 0; o < outer; o++) {
      for (Initializer part : parts) {
        ByteBuffer from = part.bytes();
        int block = from.remaining() / outer;
        to.put(from.slice(o * block, block));
      }
    }
    return Initializer.wrap("", parts.get(0).type(), to.flip(), dims);
  }

  /** Every element the same. */
  static Initializer fill(Initializer value, long... dims) {
    return strided(value, 0, new long[dims.length], dims);
  }
}

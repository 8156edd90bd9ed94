package io.inferc.tensor;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Objects;

/** Makes tensors of what a program has, and checks that it is as much as the shape asks for. */
final class NewTensors {
  private NewTensors() {}

  static void requireWrappable(ByteBuffer buffer, DataType type, long[] shape) {
    String asked = "Tried to wrap a buffer as a tensor " + type + Arrays.toString(shape) + ", but ";
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException(
          asked
              + "it is on the Java heap, where native code cannot read it without a copy. Use"
              + " ByteBuffer.allocateDirect(n).order(ByteOrder.nativeOrder()), or Tensor.of(array,"
              + " shape) to copy.");
    }
    if (buffer.order() != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          asked
              + "its byte order is "
              + buffer.order()
              + " and this machine's is "
              + ByteOrder.nativeOrder()
              + ". Call buffer.order(ByteOrder.nativeOrder()) before writing into it.");
    }
    if (buffer.isReadOnly()) {
      throw new IllegalArgumentException(
          asked + "it is read-only. Wrap the writable buffer, or copy it with Tensor.allocate.");
    }
    long needed = type.byteSize(Shapes.elementCount(shape));
    if (needed != buffer.remaining()) {
      throw new IllegalArgumentException(
          asked
              + "it holds "
              + buffer.remaining()
              + " bytes between position and limit and the shape asks for "
              + needed
              + ". Set its position and limit, or correct the shape.");
    }
  }

  static Tensor of(float[] values, long[] shape) {
    Tensor tensor = allocateFor(values.length, DataType.FLOAT32, shape);
    tensor.floats().put(0, values);
    return tensor;
  }

  static Tensor of(double[] values, long[] shape) {
    Tensor tensor = allocateFor(values.length, DataType.FLOAT64, shape);
    tensor.doubles().put(0, values);
    return tensor;
  }

  static Tensor of(long[] values, long[] shape) {
    Tensor tensor = allocateFor(values.length, DataType.INT64, shape);
    tensor.longs().put(0, values);
    return tensor;
  }

  static Tensor of(int[] values, long[] shape) {
    Tensor tensor = allocateFor(values.length, DataType.INT32, shape);
    tensor.ints().put(0, values);
    return tensor;
  }

  static Tensor of(boolean[] values, long[] shape) {
    Tensor tensor = allocateFor(values.length, DataType.BOOL, shape);
    ByteBuffer bytes = tensor.bytes();
    for (int i = 0; i < values.length; i++) {
      bytes.put(i, (byte) (values[i] ? 1 : 0));
    }
    return tensor;
  }

  static Tensor of(float[][] rows) {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, rows.length, columns(rows));
    FloatBuffer elements = tensor.floats();
    for (float[] row : rows) {
      elements.put(row);
    }
    return tensor;
  }

  static Tensor of(long[][] rows) {
    Tensor tensor = Tensor.allocate(DataType.INT64, rows.length, columns(rows));
    LongBuffer elements = tensor.longs();
    for (long[] row : rows) {
      elements.put(row);
    }
    return tensor;
  }

  static Tensor ofBytes(DataType type, byte[] values, long[] shape) {
    long needed = type.byteSize(Shapes.elementCount(shape));
    if (needed != values.length) {
      throw wrongLength(type, shape, needed + " bytes", values.length + " bytes");
    }
    Tensor tensor = Tensor.allocate(type, shape);
    tensor.bytes().put(0, values);
    return tensor;
  }

  /** Returns the number of strings that a shape asks for, which must be there. */
  static long requireStrings(int found, long[] shape) {
    long count = Shapes.elementCount(shape);
    if (count != found) {
      throw wrongLength(DataType.STRING, shape, count + " elements", found + " elements");
    }
    return count;
  }

  private static int columns(Object[] rows) {
    int columns = 0;
    for (int i = 0; i < rows.length; i++) {
      Objects.requireNonNull(rows[i], "rows[" + i + "]");
      int length = Array.getLength(rows[i]);
      columns = i == 0 ? length : columns;
      if (length != columns) {
        throw new IllegalArgumentException(
            "Tried to make a tensor of "
                + rows.length
                + " rows, but rows["
                + i
                + "] has "
                + length
                + " elements and rows[0] has "
                + columns
                + ". Give all rows one length, for example by padding.");
      }
    }
    return columns;
  }

  private static Tensor allocateFor(int length, DataType type, long[] shape) {
    long count = Shapes.elementCount(shape);
    if (count != length) {
      throw wrongLength(type, shape, count + " elements", length + " elements");
    }
    return Tensor.allocate(type, shape);
  }

  private static IllegalArgumentException wrongLength(
      DataType type, long[] shape, String needed, String found) {
    return new IllegalArgumentException(
        "Tried to make a tensor "
            + type
            + Arrays.toString(shape)
            + ", which asks for "
            + needed
            + ", from "
            + found
            + ". Correct the shape or the values.");
  }
}

package io.inferc.rewrite.quantize;

import io.inferc.onnx.Initializer;
import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;

/**
 * Rows of weights as integers from 0 on, with a scale and a zero point for each block: a weight is
 * {@code (integer - zero point) * scale}.
 *
 * @param bits 4 or 8
 * @param block how many weights of a row share a scale
 * @param rows how many rows
 * @param row the length of a row
 * @param zeroPoints whether zero points are written; else all are the middle of the range
 * @param values the integers, row by row, a byte each
 * @param scales the scales, row by row
 * @param zeros the zero points, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // filled and read in place, never compared
record BlockWeights(
    int bits,
    int block,
    int rows,
    int row,
    boolean zeroPoints,
    byte[] values,
    float[] scales,
    byte[] zeros) {
  BlockWeights(int bits, int block, int rows, int row, boolean zeroPoints) {
    this(
        bits,
        block,
        rows,
        row,
        zeroPoints,
        new byte[Math.multiplyExact(rows, row)],
        new float[Math.multiplyExact(rows, (row + block - 1) / block)],
        new byte[Math.multiplyExact(rows, (row + block - 1) / block)]);
  }

  /** How many blocks a row has. */
  int blocks() {
    return (row + block - 1) / block;
  }

  /** Returns what the integers stand for, row by row. */
  float[] floats() {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      int b = i / row * blocks() + i % row / block;
      floats[i] = ((values[i] & 0xff) - (zeros[b] & 0xff)) * scales[b];
    }
    return floats;
  }

  /** The integers of MatMulNBits: {@code [rows, blocks, block * bits / 8]}, low half first. */
  Initializer blocked(String name) {
    byte[] packed = new byte[Math.multiplyExact(rows * blocks(), block * bits / 8)];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < blocks() * block; i++) {
        // What is beyond the end of a row means zero.
        int level = i < row ? values[r * row + i] : zeros[r * blocks() + i / block];
        put(packed, r * blocks() * block + i, level);
      }
    }
    return Initializer.wrap(
        name, DataType.UINT8, ByteBuffer.wrap(packed), rows, blocks(), block * bits / 8);
  }

  /** The integers of GatherBlockQuantized: {@code [rows, row * bits / 8]}, low half first. */
  Initializer table(String name) {
    return Initializer.wrap(
        name, DataType.UINT8, ByteBuffer.wrap(packed(false, 0)), rows, row * bits / 8);
  }

  /** The zero points of both: {@code [rows, ceil(blocks * bits / 8)]}, low half first. */
  Initializer packedZeros(String name) {
    int width = (blocks() * bits + 7) / 8;
    byte[] packed = new byte[rows * width];
    for (int r = 0; r < rows; r++) {
      for (int b = 0; b < blocks(); b++) {
        put(packed, r * width * 8 / bits + b, zeros[r * blocks() + b]);
      }
    }
    return Initializer.wrap(name, DataType.UINT8, ByteBuffer.wrap(packed), rows, width);
  }

  /** The scales: {@code [rows, blocks]}, or the other way round. */
  Initializer scales(String name, DataType type, boolean rowsLast) {
    return rowsLast
        ? Initializer.floats(name, type, turned(scales, rows, blocks()), blocks(), rows)
        : Initializer.floats(name, type, scales, rows, blocks());
  }

  /**
   * The integers of a DequantizeLinear: {@code [rows, row]}, or the other way round; signed where
   * they are symmetric.
   */
  Initializer integers(String name, boolean rowsLast) {
    byte[] packed = packed(rowsLast, zeroPoints ? 0 : 1 << (bits - 1));
    return rowsLast
        ? Initializer.wrap(name, type(), ByteBuffer.wrap(packed), row, rows)
        : Initializer.wrap(name, type(), ByteBuffer.wrap(packed), rows, row);
  }

  /** Its zero points: {@code [rows, blocks]}, or the other way round. */
  Initializer zeros(String name, boolean rowsLast) {
    byte[] packed = new byte[(zeros.length * bits + 7) / 8];
    for (int i = 0; i < zeros.length; i++) {
      int at = rowsLast ? i % blocks() * rows + i / blocks() : i;
      put(packed, at, zeros[i] - (zeroPoints ? 0 : 1 << (bits - 1)));
    }
    return rowsLast
        ? Initializer.wrap(name, type(), ByteBuffer.wrap(packed), blocks(), rows)
        : Initializer.wrap(name, type(), ByteBuffer.wrap(packed), rows, blocks());
  }

  private DataType type() {
    return bits == 4
        ? zeroPoints ? DataType.UINT4 : DataType.INT4
        : zeroPoints ? DataType.UINT8 : DataType.INT8;
  }

  private byte[] packed(boolean rowsLast, int less) {
    byte[] packed = new byte[Math.toIntExact(((long) values.length * bits + 7) / 8)];
    for (int i = 0; i < values.length; i++) {
      put(packed, rowsLast ? i % row * rows + i / row : i, values[i] - less);
    }
    return packed;
  }

  private void put(byte[] packed, int at, int level) {
    if (bits == 8) {
      packed[at] = (byte) level;
    } else {
      packed[at / 2] |= (byte) ((level & 0xf) << (at % 2 * 4));
    }
  }

  private static float[] turned(float[] values, int rows, int columns) {
    float[] turned = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      turned[i % columns * rows + i / columns] = values[i];
    }
    return turned;
  }

  /** How many bytes a matrix takes as integers. */
  static long byteSize(int bits, int block, long rows, long row, boolean zeroPoints, int scale) {
    long blocks = (row + block - 1) / block;
    return rows * (blocks * block * bits / 8 + blocks * scale)
        + (zeroPoints ? rows * ((blocks * bits + 7) / 8) : 0);
  }
}

package io.inferc.tensor;

import java.util.List;
import java.util.Optional;

/**
 * The element types of the ONNX intermediate representation, with the codes of {@code
 * TensorProto.DataType}.
 *
 * <p>Types narrower than a byte are packed: two 4-bit elements a byte, the first in the low half,
 * four 2-bit elements a byte likewise, and the last byte padded with zeros.
 */
public enum DataType {
  /** IEEE 754 single precision. */
  FLOAT32(1, 32, Kind.FLOATING),
  /** Unsigned 8-bit integer. */
  UINT8(2, 8, Kind.UNSIGNED),
  /** Signed 8-bit integer. */
  INT8(3, 8, Kind.SIGNED),
  /** Unsigned 16-bit integer. */
  UINT16(4, 16, Kind.UNSIGNED),
  /** Signed 16-bit integer. */
  INT16(5, 16, Kind.SIGNED),
  /** Signed 32-bit integer. */
  INT32(6, 32, Kind.SIGNED),
  /** Signed 64-bit integer. */
  INT64(7, 64, Kind.SIGNED),
  /** UTF-8 text; has no fixed width. */
  STRING(8, 0, Kind.TEXT),
  /** One byte, 0 or 1. */
  BOOL(9, 8, Kind.BOOLEAN),
  /** IEEE 754 half precision. */
  FLOAT16(10, 16, Kind.FLOATING),
  /** IEEE 754 double precision. */
  FLOAT64(11, 64, Kind.FLOATING),
  /** Unsigned 32-bit integer. */
  UINT32(12, 32, Kind.UNSIGNED),
  /** Unsigned 64-bit integer. */
  UINT64(13, 64, Kind.UNSIGNED),
  /** Two single-precision numbers, real then imaginary. */
  COMPLEX64(14, 64, Kind.COMPLEX),
  /** Two double-precision numbers, real then imaginary. */
  COMPLEX128(15, 128, Kind.COMPLEX),
  /** The upper half of a single-precision number. */
  BFLOAT16(16, 16, Kind.FLOATING),
  /** 8-bit float, 4 exponent and 3 mantissa bits, no infinities. */
  FLOAT8E4M3FN(17, 8, Kind.FLOATING),
  /** 8-bit float, 4 exponent and 3 mantissa bits, no infinities and no negative zero. */
  FLOAT8E4M3FNUZ(18, 8, Kind.FLOATING),
  /** 8-bit float, 5 exponent and 2 mantissa bits. */
  FLOAT8E5M2(19, 8, Kind.FLOATING),
  /** 8-bit float, 5 exponent and 2 mantissa bits, no infinities and no negative zero. */
  FLOAT8E5M2FNUZ(20, 8, Kind.FLOATING),
  /** Unsigned 4-bit integer, packed. */
  UINT4(21, 4, Kind.UNSIGNED),
  /** Signed 4-bit integer, packed. */
  INT4(22, 4, Kind.SIGNED),
  /** 4-bit float, 2 exponent bits and 1 mantissa bit, packed. */
  FLOAT4E2M1(23, 4, Kind.FLOATING),
  /** 8-bit power of two, a shared scale of block formats. */
  FLOAT8E8M0(24, 8, Kind.FLOATING),
  /** Unsigned 2-bit integer, packed. */
  UINT2(25, 2, Kind.UNSIGNED),
  /** Signed 2-bit integer, packed. */
  INT2(26, 2, Kind.SIGNED);

  private enum Kind {
    FLOATING,
    SIGNED,
    UNSIGNED,
    BOOLEAN,
    COMPLEX,
    TEXT
  }

  private static final List<DataType> ALL = List.of(values());

  private final int onnxCode;
  private final int bitWidth;
  private final Kind kind;

  DataType(int onnxCode, int bitWidth, Kind kind) {
    this.onnxCode = onnxCode;
    this.bitWidth = bitWidth;
    this.kind = kind;
  }

  /**
   * Returns the code that ONNX files use for this type.
   *
   * @return a value of {@code TensorProto.DataType}
   */
  public int onnxCode() {
    return onnxCode;
  }

  /**
   * Returns the width of one element in bits.
   *
   * @return 2 to 128, or 0 for {@link #STRING}
   */
  public int bitWidth() {
    return bitWidth;
  }

  /**
   * Tells whether this is a real floating-point type of any width.
   *
   * @return true for floating-point types
   */
  public boolean isFloatingPoint() {
    return kind == Kind.FLOATING;
  }

  /**
   * Tells whether this is a signed or unsigned integer type; {@link #BOOL} is not.
   *
   * @return true for integer types
   */
  public boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
  }

  /**
   * Tells whether this is an integer type that holds negative numbers.
   *
   * @return true for signed integer types
   */
  public boolean isSigned() {
    return kind == Kind.SIGNED;
  }

  /**
   * Returns how many bytes a dense tensor of this type takes.
   *
   * @param elements the number of elements, not negative
   * @return the size in bytes, sub-byte types rounded up
   * @throws IllegalArgumentException for {@link #STRING}, a negative count or a size beyond 2^63
   */
  public long byteSize(long elements) {
    if (bitWidth == 0) {
      throw new IllegalArgumentException(
          "Tried to size a STRING tensor in bytes, but text has no fixed width. Use its elements"
              + " instead.");
    }
    if (elements < 0) {
      throw new IllegalArgumentException(
          "Tried to size a tensor of " + elements + " elements; the count must not be negative.");
    }
    try {
      return bitWidth >= 8
          ? Math.multiplyExact(elements, (long) (bitWidth / 8))
          : Math.addExact(Math.multiplyExact(elements, (long) bitWidth), 7L) / 8;
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "Tried to size a tensor of "
              + elements
              + " "
              + this
              + " elements, but that is beyond 2^63 bytes. Check its shape.",
          e);
    }
  }

  /**
   * Finds the type with a given ONNX code.
   *
   * @param code a value of {@code TensorProto.DataType}
   * @return the type, or empty for an undefined or unknown code
   */
  public static Optional<DataType> fromOnnxCode(int code) {
    // Asked of every constant in every pass: no stream, no copy of values().
    for (DataType type : ALL) {
      if (type.onnxCode == code) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}

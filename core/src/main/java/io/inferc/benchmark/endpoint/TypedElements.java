package io.inferc.benchmark.endpoint;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The elements of tensors as an {@code InferTensorContents}, which has a field for each kind of
 * type: {@code bool_contents = 1, int_contents = 2, int64_contents = 3, uint_contents = 4,
 * uint64_contents = 5, fp32_contents = 6, fp64_contents = 7, bytes_contents = 8}. Halves have none.
 */
final class TypedElements {
  private TypedElements() {}

  /**
   * Reads a tensor.
   *
   * @param count how many elements there must be, no more than memory is to be taken for
   */
  static Tensor read(ByteBuffer contents, DataType type, long[] shape, long count)
      throws RequestFailure {
    if (type == DataType.STRING) {
      List<String> texts = new ArrayList<>();
      elements(contents, type, count, from -> texts.add(text(from)));
      return Tensor.ofStrings(texts, shape);
    }
    Tensor tensor = OutputMemory.allocate(type, shape);
    boolean complete = false;
    try {
      ByteBuffer to = tensor.bytes();
      elements(contents, type, count, from -> read(from, type, to));
      complete = true;
      return tensor;
    } finally {
      if (!complete) {
        tensor.close();
      }
    }
  }

  private static void elements(
      ByteBuffer contents, DataType type, long count, ProtoFields.Element element)
      throws RequestFailure {
    int expected = field(type);
    long[] found = new long[1];
    ProtoFields.Element counted =
        from -> {
          if (found[0]++ == count) {
            throw otherCount();
          }
          element.read(from);
        };
    ProtoFields.read(
        CodedInputStream.newInstance(contents),
        (field, wire, from) -> {
          if (field != expected) {
            throw RequestFailure.broken("an output of " + type + " has elements of another type");
          }
          if (type == DataType.STRING) {
            ProtoFields.requireWire(WireFormat.WIRETYPE_LENGTH_DELIMITED, wire);
            counted.read(from);
          } else {
            ProtoFields.readNumbers(from, wire(type), wire, counted);
          }
          return true;
        });
    if (found[0] != count) {
      throw otherCount();
    }
  }

  private static RequestFailure otherCount() {
    return RequestFailure.broken("an output's data has another number of elements than its shape");
  }

  private static int field(DataType type) throws RequestFailure {
    return switch (type) {
      case BOOL -> 1;
      case INT8, INT16, INT32 -> 2;
      case INT64 -> 3;
      case UINT8, UINT16, UINT32 -> 4;
      case UINT64 -> 5;
      case FLOAT32 -> 6;
      case FLOAT64 -> 7;
      case STRING -> 8;
      default -> throw RequestFailure.broken("an output of " + type + " has no raw contents");
    };
  }

  /** How a number of a type is written. */
  private static int wire(DataType type) {
    return switch (type) {
      case FLOAT32 -> WireFormat.WIRETYPE_FIXED32;
      case FLOAT64 -> WireFormat.WIRETYPE_FIXED64;
      default -> WireFormat.WIRETYPE_VARINT;
    };
  }

  private static void read(CodedInputStream from, DataType type, ByteBuffer to)
      throws IOException, RequestFailure {
    switch (type) {
      case BOOL -> to.put((byte) (from.readBool() ? 1 : 0));
      case INT8 -> to.put((byte) signed(from, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case INT16 -> to.putShort((short) signed(from, Short.MIN_VALUE, Short.MAX_VALUE));
      case INT32 -> to.putInt(from.readInt32());
      case INT64 -> to.putLong(from.readInt64());
      case UINT8 -> to.put((byte) unsigned(from, 0xff));
      case UINT16 -> to.putShort((short) unsigned(from, 0xffff));
      case UINT32 -> to.putInt(from.readUInt32());
      case UINT64 -> to.putLong(from.readUInt64());
      case FLOAT32 -> to.putFloat(from.readFloat());
      case FLOAT64 -> to.putDouble(from.readDouble());
      default -> throw new IllegalStateException("no element of " + type + " has a field");
    }
  }

  private static int signed(CodedInputStream from, int least, int most)
      throws IOException, RequestFailure {
    int value = from.readInt32();
    if (value < least || value > most) {
      throw RequestFailure.unfit();
    }
    return value;
  }

  private static int unsigned(CodedInputStream from, int most) throws IOException, RequestFailure {
    int value = from.readUInt32();
    if (Integer.compareUnsigned(value, most) > 0) {
      throw RequestFailure.unfit();
    }
    return value;
  }

  private static String text(CodedInputStream from) throws IOException, RequestFailure {
    try {
      ByteBuffer bytes = from.readByteBuffer();
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw RequestFailure.broken("an output of BYTES is no text in UTF-8");
    }
  }
}

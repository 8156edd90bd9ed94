package io.inferc.benchmark.endpoint;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The elements of tensors in the binary tensor data extension: row-major and little-endian; a text
 * is its length in four bytes and its bytes.
 */
final class BinaryElements {
  private static final boolean SAME_ORDER = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private BinaryElements() {}

  static ByteBuffer write(Tensor tensor) {
    if (tensor.type() != DataType.STRING) {
      ByteBuffer from = tensor.bytes();
      return SAME_ORDER ? from : reversed(from, tensor.type().bitWidth() / 8);
    }
    List<byte[]> texts =
        tensor.strings().stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
    long size = texts.stream().mapToLong(t -> (long) Integer.BYTES + t.length).sum();
    ByteBuffer to = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
    texts.forEach(t -> to.putInt(t.length).put(t));
    return to.flip();
  }

  /**
   * Reads a tensor.
   *
   * @param from its bytes, all of them
   * @param count how many elements there must be
   */
  static Tensor read(ByteBuffer from, DataType type, long[] shape, long count)
      throws RequestFailure {
    if (type == DataType.STRING) {
      return Tensor.ofStrings(texts(from, count), shape);
    }
    if (from.remaining() != type.byteSize(count)) {
      throw RequestFailure.broken("an output has another number of bytes than its shape asks for");
    }
    if (type == DataType.BOOL) {
      for (int i = from.position(); i < from.limit(); i++) {
        if (from.get(i) != 0 && from.get(i) != 1) {
          throw RequestFailure.broken("an output of BOOL has a byte that is neither 0 nor 1");
        }
      }
    }
    Tensor tensor = OutputMemory.allocate(type, shape);
    tensor.bytes().put(SAME_ORDER ? from : reversed(from, type.bitWidth() / 8));
    return tensor;
  }

  private static List<String> texts(ByteBuffer bytes, long count) throws RequestFailure {
    ByteBuffer from = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    List<String> texts = new ArrayList<>();
    while (from.hasRemaining()) {
      int length = from.remaining() < Integer.BYTES ? -1 : from.getInt();
      if (length < 0 || length > from.remaining()) {
        throw RequestFailure.broken("an output of BYTES ends inside an element");
      }
      ByteBuffer text = from.slice(from.position(), length);
      from.position(from.position() + length);
      try {
        texts.add(StandardCharsets.UTF_8.newDecoder().decode(text).toString());
      } catch (CharacterCodingException e) {
        throw RequestFailure.broken("an output of BYTES is no text in UTF-8");
      }
    }
    if (texts.size() != count) {
      throw RequestFailure.broken("an output has another number of texts than its shape");
    }
    return texts;
  }

  private static ByteBuffer reversed(ByteBuffer from, int width) {
    ByteBuffer to = ByteBuffer.allocate(from.remaining());
    for (int i = 0; i < to.capacity(); i++) {
      to.put(i, from.get(from.position() + i / width * width + width - 1 - i % width));
    }
    return to;
  }
}

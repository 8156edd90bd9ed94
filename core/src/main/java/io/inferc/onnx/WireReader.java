package io.inferc.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses a model from mapped memory and leaves the raw bytes of large tensors there.
 *
 * <p>The protobuf library copies everything it parses to the heap, so it is given the small parts
 * only: messages that are large are walked here field by field, down to {@code raw_data}, which
 * becomes the number of a run of mapped bytes. Source of the encoding: the published protobuf
 * encoding specification.
 */
final class WireReader {
  /** Messages and raw data of fewer bytes than this are not worth a run of their own. */
  static final int SMALL = 1024;

  // The same limits as the library's own.
  private static final int MAX_DEPTH = 100;
  private static final int MAX_VARINT_BYTES = 10;

  private static final int MOST_EMPTY = 500_000;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int DELIMITED = 2;
  private static final int START_GROUP = 3;
  private static final int END_GROUP = 4;
  private static final int FIXED32 = 5;

  private final ByteBuffer bytes;
  private final List<ExternalFiles.Run> runs = new ArrayList<>();
  // From the start of the bytes.
  private int position;
  private int empty;

  WireReader(ByteBuffer bytes) {
    this.bytes = bytes.slice();
  }

  /** Returns all that is to be read. */
  ByteBuffer bytes() {
    return bytes.duplicate();
  }

  /** Returns the runs of mapped bytes, in the order of the numbers that stand for them. */
  List<ExternalFiles.Run> runs() {
    return runs;
  }

  ModelProto read() throws IOException {
    ModelProto.Builder model = ModelProto.newBuilder();
    merge(model, bytes.limit(), 0);
    return model.build();
  }

  private void merge(Message.Builder builder, int end, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw malformed("its messages are nested too deeply");
    }
    // Fields are merged in file order, so what is small waits only for the next that is large.
    ByteArrayOutputStream small = new ByteArrayOutputStream();
    while (position < end) {
      int start = position;
      long tag = varint(end);
      int number = (int) (tag >>> 3);
      int wireType = (int) tag & 7;
      if (tag >>> 32 != 0 || number == 0) {
        throw malformed("it has a field without a number");
      }
      if (wireType == DELIMITED) {
        int length = length(end);
        countEmpty(builder, position, length);
        if (length < SMALL || !WireSchema.isWalked(builder, number)) {
          position += length;
          copy(start, position, small);
        } else {
          flush(small, builder);
          large(builder, number, length, depth);
        }
      } else {
        skip(wireType, number, end, depth);
        copy(start, position, small);
      }
    }
    flush(small, builder);
  }

  /**
   * Two bytes can say that an empty message is there, which takes a hundred on the heap. What looks
   * like one in small messages is counted, exactly enough to tell models from floods.
   */
  private void countEmpty(Message.Builder in, int from, int length) throws IOException {
    if (length == 0) {
      // Texts of tensors may be empty, and are all one.
      empty += in instanceof TensorProto.Builder ? 0 : 1;
    } else if (length < SMALL && !(in instanceof TensorProto.Builder)) {
      for (int at = from + 1; at < from + length; at++) {
        if (bytes.get(at) == 0 && (bytes.get(at - 1) & 7) == DELIMITED) {
          empty++;
        }
      }
    }
    if (empty > MOST_EMPTY) {
      throw malformed("more than " + MOST_EMPTY + " of its messages are empty");
    }
  }

  private void large(Message.Builder builder, int number, int length, int depth)
      throws IOException {
    int end = position + length;
    if (builder instanceof TensorProto.Builder tensor) {
      tensor.clearRawData().setMappedRun(runs.size());
      runs.add(ExternalFiles.Run.of(bytes.slice(position, length)));
      position = end;
    } else {
      merge(WireSchema.inner(builder, number), end, depth + 1);
    }
  }

  private static void flush(ByteArrayOutputStream small, Message.Builder builder)
      throws IOException {
    if (small.size() == 0) {
      return;
    }
    CodedInputStream input = CodedInputStream.newInstance(small.toByteArray());
    builder.mergeFrom(input);
    input.checkLastTagWas(0);
    small.reset();
    // The last of two fields of one name counts.
    if (builder instanceof TensorProto.Builder t && t.hasRawData() && t.hasMappedRun()) {
      t.clearMappedRun();
    }
  }

  private void copy(int from, int to, ByteArrayOutputStream into) {
    byte[] copied = new byte[to - from];
    bytes.get(from, copied);
    into.writeBytes(copied);
  }

  private void skip(int wireType, int number, int end, int depth) throws IOException {
    switch (wireType) {
      case VARINT -> varint(end);
      case FIXED64 -> advance(8, end);
      case FIXED32 -> advance(4, end);
      case START_GROUP -> skipGroup(number, end, depth + 1);
      default -> throw malformed("it has a field of an unknown kind");
    }
  }

  private void skipGroup(int number, int end, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw malformed("its messages are nested too deeply");
    }
    while (true) {
      long tag = varint(end);
      int wireType = (int) tag & 7;
      if (wireType == END_GROUP) {
        if (tag >>> 3 != number) {
          throw malformed("it has a group that ends as another");
        }
        return;
      }
      if (wireType == DELIMITED) {
        position += length(end);
      } else {
        skip(wireType, (int) (tag >>> 3), end, depth);
      }
    }
  }

  private int length(int end) throws IOException {
    long length = varint(end);
    if (length < 0 || length > end - position) {
      throw malformed(
          "a field of "
              + Long.toUnsignedString(length)
              + " bytes starts at byte "
              + position
              + ", where only "
              + (end - position)
              + " are left");
    }
    return (int) length;
  }

  private void advance(int count, int end) throws IOException {
    if (count > end - position) {
      throw malformed("it ends in the middle of a field");
    }
    position += count;
  }

  private long varint(int end) throws IOException {
    long value = 0;
    for (int i = 0; i < MAX_VARINT_BYTES; i++) {
      if (position >= end) {
        throw malformed("it ends in the middle of a field");
      }
      byte b = bytes.get(position++);
      value |= (long) (b & 0x7f) << (7 * i);
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("it has a number of more than 10 bytes");
  }

  private static InvalidProtocolBufferException malformed(String why) {
    return new InvalidProtocolBufferException(why);
  }
}

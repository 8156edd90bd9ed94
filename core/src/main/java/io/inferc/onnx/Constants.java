package io.inferc.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Makes constants of values in memory, and refuses those whose shape they do not fill. */
final class Constants {
  private Constants() {}

  /** A constant over bytes that were made for it. */
  static Initializer encoded(
      String name, DataType type, ByteBuffer bytes, long count, long... dims) {
    requireCount(name, count, dims);
    return raw(name, type, UnsafeByteOperations.unsafeWrap(bytes), dims);
  }

  static Initializer text(String name, List<String> values, long... dims) {
    requireCount(name, values.size(), dims);
    TensorProto.Builder proto = shell(name, DataType.STRING, dims);
    values.forEach(v -> proto.addStringData(ByteString.copyFromUtf8(v)));
    return new Initializer(proto.build(), ExternalFiles.NONE);
  }

  static Initializer raw(String name, DataType type, ByteString bytes, long... dims) {
    requireSize(name, type, bytes.size(), dims);
    TensorProto proto = shell(name, type, dims).setRawData(bytes).build();
    return new Initializer(proto, ExternalFiles.NONE);
  }

  /** A constant that leaves the bytes where they are. */
  static Initializer wrapped(String name, DataType type, ByteBuffer bytes, long... dims) {
    if (bytes.hasArray()) {
      return raw(name, type, UnsafeByteOperations.unsafeWrap(bytes.slice()), dims);
    }
    requireSize(name, type, bytes.remaining(), dims);
    return computed(name, type, ExternalFiles.Run.of(bytes.slice()), dims);
  }

  /** A constant that asks for its bytes when they are read. */
  static Initializer computed(String name, DataType type, ExternalFiles.Run run, long... dims) {
    TensorProto proto = shell(name, type, dims).setMappedRun(0).build();
    return new Initializer(proto, ExternalFiles.holding(List.of(run)));
  }

  private static TensorProto.Builder shell(String name, DataType type, long... dims) {
    TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(type.onnxCode());
    for (long dim : dims) {
      proto.addDims(dim);
    }
    return proto;
  }

  static void requireCount(String name, long found, long... dims) {
    require(name, dims, found, "values", count(name, dims));
  }

  private static void requireSize(String name, DataType type, long found, long... dims) {
    require(name, dims, found, "bytes of " + type, type.byteSize(count(name, dims)));
  }

  private static void require(String name, long[] dims, long found, String what, long wanted) {
    if (wanted != found) {
      throw new IllegalArgumentException(
          "Tried to make constant '"
              + name
              + "' of shape "
              + Arrays.toString(dims)
              + " from "
              + found
              + " "
              + what
              + ", but it takes "
              + wanted
              + ".");
    }
  }

  private static long count(String name, long... dims) {
    long count = 1;
    for (long dim : dims) {
      long high = Math.multiplyHigh(count, dim);
      count *= dim;
      if (dim < 0 || high != 0 || count < 0) {
        throw new IllegalArgumentException(
            "Tried to make constant '"
                + name
                + "' of shape "
                + Arrays.toString(dims)
                + ", but dims must be 0 or more, and their product less than 2^63.");
      }
    }
    return count;
  }
}

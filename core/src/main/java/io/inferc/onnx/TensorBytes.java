package io.inferc.onnx;

import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** The bytes of a dense constant, wherever the model keeps them. */
final class TensorBytes {
  private TensorBytes() {}

  /** Tells whether the values can only be found through the files the tensor came with. */
  static boolean isBound(TensorProto tensor) {
    return tensor.hasMappedRun() || isExternal(tensor);
  }

  static boolean isExternal(TensorProto tensor) {
    return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  static DataType type(TensorProto tensor) {
    return DataType.fromOnnxCode(tensor.getDataType())
        .orElseThrow(
            () ->
                new ModelFormatException(
                    "Tried to read tensor '"
                        + tensor.getName()
                        + "', but its element type has the code "
                        + tensor.getDataType()
                        + "; codes 1 to 26 are known.",
                    "Export the model again, or use a version of inferc that knows this type."));
  }

  static long elementCount(TensorProto tensor) {
    long count = 1;
    boolean empty = false;
    for (long dim : tensor.getDimsList()) {
      if (dim < 0) {
        throw new ModelFormatException(
            "Tried to size tensor '" + tensor.getName() + "', but one of its dims is " + dim + ".",
            "A constant's dims must be 0 or more: export the model again.");
      }
      empty |= dim == 0;
    }
    if (empty) {
      return 0;
    }
    try {
      for (long dim : tensor.getDimsList()) {
        count = Math.multiplyExact(count, dim);
      }
      return count;
    } catch (ArithmeticException e) {
      throw new ModelFormatException(
          "Tried to size tensor '"
              + tensor.getName()
              + "', but its dims "
              + tensor.getDimsList()
              + " multiply to more than 2^63.",
          "Export the model again.",
          List.of(),
          e);
    }
  }

  static long byteSize(TensorProto tensor) {
    DataType type = type(tensor);
    if (type == DataType.STRING) {
      return tensor.getStringDataList().stream().mapToLong(s -> s.size()).sum();
    }
    long count = elementCount(tensor);
    try {
      return type.byteSize(count);
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(
          "Tried to size tensor '" + tensor.getName() + "', but it is beyond 2^63 bytes.",
          "Export the model again.",
          List.of(),
          e);
    }
  }

  /** Returns read-only little-endian buffers; all but the last hold 1 GiB. */
  static List<ByteBuffer> chunks(TensorProto tensor, ExternalFiles files) {
    DataType type = type(tensor);
    if (type == DataType.STRING) {
      throw new IllegalStateException(
          "Tried to read the bytes of tensor '"
              + tensor.getName()
              + "', but it holds text. Use strings() instead.");
    }
    long size = byteSize(tensor);
    if (isExternal(tensor)) {
      return external(tensor, files, size);
    }
    if (tensor.hasRawData() || tensor.hasMappedRun()) {
      List<ByteBuffer> raw = raw(tensor, files);
      long found = raw.stream().mapToLong(ByteBuffer::remaining).sum();
      expect(tensor, found, size, "bytes in raw_data");
      return raw;
    }
    long entries =
        (long) tensor.getFloatDataCount()
            + tensor.getDoubleDataCount()
            + tensor.getInt32DataCount()
            + tensor.getInt64DataCount()
            + tensor.getUint64DataCount();
    // Before any memory is taken for what the dims merely claim.
    if (size > Long.BYTES * entries) {
      throw wrongSize(tensor, entries, elementCount(tensor), "values");
    }
    List<ByteBuffer> chunks = new ArrayList<>();
    int width = Math.max(1, type.bitWidth() / 8);
    for (long at = 0; at < size; at += MappedFile.MAX_SLICE) {
      int length = (int) Math.min(MappedFile.MAX_SLICE, size - at);
      ByteBuffer chunk = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      encode(tensor, type, (int) (at / width), chunk);
      chunks.add(chunk.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
    }
    return List.copyOf(chunks);
  }

  /** Returns the raw bytes that a tensor has or stands for, whatever their number. */
  static List<ByteBuffer> raw(TensorProto tensor, ExternalFiles files) {
    ExternalFiles.Run run =
        tensor.hasMappedRun()
            ? files.run(tensor.getMappedRun())
            : ExternalFiles.Run.of(tensor.getRawData().asReadOnlyByteBuffer());
    return List.copyOf(run.chunks());
  }

  private static List<ByteBuffer> external(TensorProto tensor, ExternalFiles files, long size) {
    ExternalData data = ExternalData.of(tensor);
    if (data.length().isPresent()) {
      expect(tensor, data.length().getAsLong(), size, "bytes of external data");
    }
    MappedFile file = files.file(data.location());
    if (data.offset() > file.size() || size > file.size() - data.offset()) {
      throw new ModelFormatException(
          "Tried to read "
              + size
              + " bytes at offset "
              + data.offset()
              + " of the external data file '"
              + data.location()
              + "' for tensor '"
              + tensor.getName()
              + "', but the file ends at "
              + file.size()
              + ".",
          "The file is truncated or belongs to another model: copy or download it again.");
    }
    return file.slices(data.offset(), size);
  }

  private static void encode(TensorProto tensor, DataType type, int from, ByteBuffer into) {
    switch (type) {
      case FLOAT32, COMPLEX64 -> {
        int n = into.capacity() / 4;
        int first = type == DataType.COMPLEX64 ? from * 2 : from;
        expectAtLeast(tensor, tensor.getFloatDataCount(), first + n, "float_data");
        for (int i = 0; i < n; i++) {
          into.putFloat(tensor.getFloatData(first + i));
        }
      }
      case FLOAT64, COMPLEX128 -> {
        int n = into.capacity() / 8;
        int first = type == DataType.COMPLEX128 ? from * 2 : from;
        expectAtLeast(tensor, tensor.getDoubleDataCount(), first + n, "double_data");
        for (int i = 0; i < n; i++) {
          into.putDouble(tensor.getDoubleData(first + i));
        }
      }
      case INT64 -> {
        int n = into.capacity() / 8;
        expectAtLeast(tensor, tensor.getInt64DataCount(), from + n, "int64_data");
        for (int i = 0; i < n; i++) {
          into.putLong(tensor.getInt64Data(from + i));
        }
      }
      case UINT64 -> {
        int n = into.capacity() / 8;
        expectAtLeast(tensor, tensor.getUint64DataCount(), from + n, "uint64_data");
        for (int i = 0; i < n; i++) {
          into.putLong(tensor.getUint64Data(from + i));
        }
      }
      case UINT32 -> {
        int n = into.capacity() / 4;
        expectAtLeast(tensor, tensor.getUint64DataCount(), from + n, "uint64_data");
        for (int i = 0; i < n; i++) {
          into.putInt((int) tensor.getUint64Data(from + i));
        }
      }
      default -> encodeInt32(tensor, type, from, into);
    }
  }

  private static void encodeInt32(TensorProto tensor, DataType type, int from, ByteBuffer into) {
    int width = Math.max(1, type.bitWidth() / 8);
    int n = into.capacity() / width;
    expectAtLeast(tensor, tensor.getInt32DataCount(), from + n, "int32_data");
    IntUnaryOperator value = i -> tensor.getInt32Data(from + i);
    for (int i = 0; i < n; i++) {
      switch (width) {
        case 1 -> into.put((byte) value.applyAsInt(i));
        case 2 -> into.putShort((short) value.applyAsInt(i));
        default -> into.putInt(value.applyAsInt(i));
      }
    }
  }

  private static void expect(TensorProto tensor, long found, long wanted, String what) {
    if (found != wanted) {
      throw wrongSize(tensor, found, wanted, what);
    }
  }

  private static void expectAtLeast(TensorProto tensor, int found, int wanted, String field) {
    if (found < wanted) {
      throw wrongSize(tensor, found, wanted, "values in " + field);
    }
  }

  private static ModelFormatException wrongSize(
      TensorProto tensor, long found, long wanted, String what) {
    return new ModelFormatException(
        "Tried to read tensor '"
            + tensor.getName()
            + "' with dims "
            + tensor.getDimsList()
            + ", which take "
            + wanted
            + " "
            + what
            + ", but "
            + found
            + " are there.",
        "The file is damaged or was written by a faulty exporter: export the model again.");
  }
}

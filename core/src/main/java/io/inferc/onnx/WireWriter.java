package io.inferc.onnx;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.SparseTensorProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.onnx.internal.proto.TrainingInfoProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Serializes a model whose large tensors lie in mapped memory, without bringing them to the heap.
 *
 * <p>The bytes are those the protobuf library would write if the values were in the messages.
 */
final class WireWriter {
  private static final int DELIMITED = 2;
  private static final int MAX_HEADER = 16;

  private static final Set<Descriptor> HOLDERS =
      Set.of(
          ModelProto.getDescriptor(),
          GraphProto.getDescriptor(),
          FunctionProto.getDescriptor(),
          TrainingInfoProto.getDescriptor(),
          NodeProto.getDescriptor(),
          AttributeProto.getDescriptor(),
          SparseTensorProto.getDescriptor(),
          TensorProto.getDescriptor());

  /** The consecutive pieces of a message: what the library wrote, and mapped bytes between. */
  private static final class Pieces {
    private final List<ByteBuffer> done = new ArrayList<>();
    private ByteArrayOutputStream written = new ByteArrayOutputStream();
    private long size;

    void add(byte[] bytes) {
      written.writeBytes(bytes);
      size += bytes.length;
    }

    void addMapped(ByteBuffer mapped) {
      cut();
      done.add(mapped);
      size += mapped.remaining();
    }

    void addAll(Pieces inner) {
      inner.done.forEach(this::addMapped);
      add(inner.written.toByteArray());
    }

    private void cut() {
      if (written.size() > 0) {
        done.add(ByteBuffer.wrap(written.toByteArray()));
        written = new ByteArrayOutputStream();
      }
    }

    List<ByteBuffer> buffers() {
      cut();
      return done;
    }
  }

  private final List<List<ByteBuffer>> runs = new ArrayList<>();

  /** Takes note of a tensor's values, and returns one that stands for having them inside. */
  TensorProto inside(TensorProto tensor, List<ByteBuffer> values) {
    runs.add(values);
    return tensor.toBuilder()
        .clearRawData()
        .clearExternalData()
        .clearDataLocation()
        .setMappedRun(runs.size() - 1)
        .build();
  }

  /** Writes a model whose mapped tensors all went through {@link #inside}. */
  void write(ModelProto model, WritableByteChannel channel) throws IOException {
    for (ByteBuffer buffer : serialize(model).buffers()) {
      ByteBuffer left = buffer.duplicate();
      while (left.hasRemaining()) {
        channel.write(left);
      }
    }
  }

  byte[] toBytes(ModelProto model) throws IOException {
    Pieces pieces = serialize(model);
    ByteBuffer bytes = ByteBuffer.allocate((int) pieces.size);
    pieces.buffers().forEach(b -> bytes.put(b.duplicate()));
    return bytes.array();
  }

  private Pieces serialize(ModelProto model) throws IOException {
    Pieces pieces = new Pieces();
    message(model, pieces);
    if (pieces.size > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "the message would have " + pieces.size + " bytes, and protobuf ends at 2 GB");
    }
    return pieces;
  }

  private void message(Message message, Pieces out) throws IOException {
    if (!holdsRun(message)) {
      out.add(message.toByteArray());
      return;
    }
    TensorProto run = message instanceof TensorProto t && t.hasMappedRun() ? t : null;
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      // The fields come by number, and raw_data has a place among them.
      if (run != null && field.getNumber() > TensorProto.RAW_DATA_FIELD_NUMBER) {
        rawData(run, out);
        run = null;
      }
      if (field.getNumber() == TensorProto.MAPPED_RUN_FIELD_NUMBER) {
        continue;
      }
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        for (Message inner : elements(entry.getValue())) {
          Pieces pieces = new Pieces();
          message(inner, pieces);
          header(field.getNumber(), pieces.size, out);
          out.addAll(pieces);
        }
      } else {
        Message.Builder alone = message.newBuilderForType().setField(field, entry.getValue());
        out.add(alone.buildPartial().toByteArray());
      }
    }
    out.add(message.getUnknownFields().toByteArray());
  }

  private void rawData(TensorProto tensor, Pieces out) throws IOException {
    List<ByteBuffer> values = runs.get(tensor.getMappedRun());
    long size = values.stream().mapToLong(ByteBuffer::remaining).sum();
    header(TensorProto.RAW_DATA_FIELD_NUMBER, size, out);
    values.forEach(out::addMapped);
  }

  private static void header(int number, long length, Pieces out) throws IOException {
    byte[] header = new byte[MAX_HEADER];
    CodedOutputStream stream = CodedOutputStream.newInstance(header);
    stream.writeTag(number, DELIMITED);
    stream.writeUInt64NoTag(length);
    byte[] exact = new byte[stream.getTotalBytesWritten()];
    System.arraycopy(header, 0, exact, 0, exact.length);
    out.add(exact);
  }

  private static List<Message> elements(Object value) {
    if (value instanceof List<?> many) {
      return many.stream().map(Message.class::cast).toList();
    }
    return List.of((Message) value);
  }

  private static boolean holdsRun(Message message) {
    if (message instanceof TensorProto t) {
      return t.hasMappedRun();
    }
    if (!HOLDERS.contains(message.getDescriptorForType())) {
      return false;
    }
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
          && HOLDERS.contains(field.getMessageType())
          && elements(entry.getValue()).stream().anyMatch(WireWriter::holdsRun)) {
        return true;
      }
    }
    return false;
  }
}

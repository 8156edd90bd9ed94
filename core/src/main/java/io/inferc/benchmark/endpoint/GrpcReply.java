package io.inferc.benchmark.endpoint;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code ModelInferResponse}: {@code outputs = 5, raw_output_contents = 6}. Elements stand
 * in the outputs, each by its type, or are raw bytes behind them, for all outputs; MLServer's have
 * contents of nothing beside raw bytes.
 */
final class GrpcReply implements ProtoFields.Reading {
  private final int length;
  private final OutputMemory memory;
  private final List<Output> described = new ArrayList<>();
  private final List<ByteBuffer> raw = new ArrayList<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();

  private GrpcReply(int length, OutputMemory memory) {
    this.length = length;
    this.memory = memory;
  }

  /**
   * Reads an answer.
   *
   * @param most how many bytes the outputs may take together
   * @return the outputs in their order, which the caller closes
   */
  static Map<String, Tensor> read(byte[] message, long most) throws RequestFailure {
    GrpcReply reply = new GrpcReply(message.length, new OutputMemory(most));
    CodedInputStream from = CodedInputStream.newInstance(message);
    // Contents are looked at where they are, and copied once, into their tensor.
    from.enableAliasing(true);
    ProtoFields.read(from, reply);
    boolean complete = false;
    try {
      reply.elements();
      complete = true;
      return reply.outputs;
    } finally {
      if (!complete) {
        reply.outputs.values().forEach(Tensor::close);
      }
    }
  }

  @Override
  public boolean take(int field, int wire, CodedInputStream from)
      throws IOException, RequestFailure {
    if (field != 5 && field != 6) {
      return false;
    }
    ProtoFields.requireWire(WireFormat.WIRETYPE_LENGTH_DELIMITED, wire);
    switch (field) {
      case 5 -> {
        OutputMemory.requireRoom(described.size());
        Output output = new Output();
        ProtoFields.readNested(from, output);
        described.add(output);
      }
      default -> {
        OutputMemory.requireRoom(raw.size());
        raw.add(from.readByteBuffer());
      }
    }
    return true;
  }

  private void elements() throws RequestFailure {
    if (described.isEmpty()) {
      throw RequestFailure.broken("the answer has no outputs");
    }
    if (!raw.isEmpty() && raw.size() != described.size()) {
      throw RequestFailure.broken(
          "the answer has raw contents of "
              + raw.size()
              + " outputs, but describes "
              + described.size());
    }
    for (int i = 0; i < described.size(); i++) {
      Output output = described.get(i);
      String name = output.head.name();
      if (name.isEmpty()) {
        throw RequestFailure.broken("an output has no name");
      }
      if (outputs.containsKey(name)) {
        throw RequestFailure.broken("two outputs have one name");
      }
      outputs.put(name, tensor(output, raw.isEmpty() ? null : raw.get(i)));
    }
  }

  private Tensor tensor(Output output, @Nullable ByteBuffer bytes) throws RequestFailure {
    DataType type = ProtocolTypes.ofOutput(output.head.datatype());
    long[] shape = output.head.shape().stream().mapToLong(Long::longValue).toArray();
    for (long size : shape) {
      if (size < 0) {
        throw RequestFailure.broken("an output's shape has something else than sizes");
      }
    }
    long count = ProtocolTypes.count(shape, length);
    memory.count(type, count);
    if (bytes == null) {
      ByteBuffer typed = output.contents == null ? ByteBuffer.allocate(0) : output.contents;
      return TypedElements.read(typed, type, shape, count);
    }
    if (output.contents != null) {
      throw RequestFailure.broken("an output has its data twice");
    }
    return BinaryElements.read(bytes, type, shape, count);
  }

  /** An {@code InferOutputTensor}: a head, and {@code contents = 5}. */
  private static final class Output implements ProtoFields.Reading {
    private final TensorHead head = new TensorHead();
    private @Nullable ByteBuffer contents;

    @Override
    public boolean take(int field, int wire, CodedInputStream from)
        throws IOException, RequestFailure {
      if (field != 5) {
        return head.take(field, wire, from);
      }
      ProtoFields.requireWire(WireFormat.WIRETYPE_LENGTH_DELIMITED, wire);
      ByteBuffer read = from.readByteBuffer();
      if (read.hasRemaining()) {
        if (contents != null) {
          throw RequestFailure.broken("an output has its data twice");
        }
        contents = read;
      }
      return true;
    }
  }
}

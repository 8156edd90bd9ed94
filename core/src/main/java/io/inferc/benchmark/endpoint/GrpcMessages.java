package io.inferc.benchmark.endpoint;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The protocol's messages, but for the answer to a request for inference: {@code ModelReadyRequest}
 * and {@code ModelMetadataRequest}, which are alike, their answers, and {@code ModelInferRequest}.
 */
final class GrpcMessages {
  private static final int RAW_INPUT_CONTENTS = 7;

  private GrpcMessages() {}

  /** Asks for a model: {@code name = 1, version = 2}. */
  static byte[] model(String name, @Nullable String version) {
    return message(to -> writeModel(to, name, version));
  }

  private static void writeModel(CodedOutputStream to, String name, @Nullable String version)
      throws IOException {
    to.writeString(1, name);
    if (version != null) {
      to.writeString(2, version);
    }
  }

  /** A {@code ModelReadyResponse}: {@code ready = 1}. */
  static boolean isReady(byte[] message) throws RequestFailure {
    boolean[] ready = new boolean[1];
    ProtoFields.read(
        CodedInputStream.newInstance(message),
        (field, wire, from) -> {
          if (field != 1) {
            return false;
          }
          ProtoFields.requireWire(WireFormat.WIRETYPE_VARINT, wire);
          ready[0] = from.readBool();
          return true;
        });
    return ready[0];
  }

  /**
   * A {@code ModelMetadataResponse}: {@code platform = 3, inputs = 4, outputs = 5}.
   *
   * @param name what the model is called here
   */
  static ServedModel metadata(String name, byte[] message) throws RequestFailure {
    String[] platform = {""};
    List<TensorSpec> inputs = new ArrayList<>();
    List<TensorSpec> outputs = new ArrayList<>();
    ProtoFields.read(
        CodedInputStream.newInstance(message),
        (field, wire, from) -> {
          if (field < 3 || field > 5) {
            return false;
          }
          ProtoFields.requireWire(WireFormat.WIRETYPE_LENGTH_DELIMITED, wire);
          switch (field) {
            case 3 -> platform[0] = from.readStringRequireUtf8();
            case 4 -> addSpec(inputs, from);
            default -> addSpec(outputs, from);
          }
          return true;
        });
    return new ServedModel(name, platform[0], inputs, outputs);
  }

  private static void addSpec(List<TensorSpec> specs, CodedInputStream from)
      throws IOException, RequestFailure {
    OutputMemory.requireRoom(specs.size());
    TensorHead head = new TensorHead();
    ProtoFields.readNested(from, head);
    specs.add(
        ServedModel.tensor(
            head.name(), head.datatype(), head.shape(), head.name() + " " + head.datatype()));
  }

  /**
   * A {@code ModelInferRequest}: {@code model_name = 1, model_version = 2, inputs = 5,
   * raw_input_contents = 7}.
   *
   * @throws IllegalArgumentException if a type has no name in the protocol, or the tensors are more
   *     than a message holds
   */
  static byte[] infer(String model, @Nullable String version, Map<String, Tensor> tensors) {
    List<ByteBuffer> contents = new ArrayList<>();
    byte[] head =
        message(
            to -> {
              writeModel(to, model, version);
              for (Map.Entry<String, Tensor> input : tensors.entrySet()) {
                to.writeByteArray(5, input(input.getKey(), input.getValue()));
                contents.add(BinaryElements.write(input.getValue()));
              }
            });
    long size = head.length;
    for (ByteBuffer raw : contents) {
      size += CodedOutputStream.computeTagSize(RAW_INPUT_CONTENTS);
      size += CodedOutputStream.computeUInt32SizeNoTag(raw.remaining()) + (long) raw.remaining();
    }
    // What arrays hold; protobuf ends a few bytes later.
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "Tried to send "
              + size
              + " bytes by gRPC, whose messages hold 2 GiB; send smaller ones.");
    }
    byte[] all = new byte[(int) size];
    try {
      CodedOutputStream to = CodedOutputStream.newInstance(all);
      to.writeRawBytes(head);
      for (ByteBuffer raw : contents) {
        to.writeTag(RAW_INPUT_CONTENTS, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        to.writeUInt32NoTag(raw.remaining());
        to.write(raw);
      }
      to.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** An {@code InferInputTensor}: {@code name = 1, datatype = 2, shape = 3}. */
  private static byte[] input(String name, Tensor tensor) {
    byte[] shape =
        message(
            to -> {
              for (long size : tensor.shape()) {
                to.writeInt64NoTag(size);
              }
            });
    return message(
        to -> {
          to.writeString(1, name);
          to.writeString(2, ProtocolTypes.name(tensor.type(), name));
          to.writeByteArray(3, shape);
        });
  }

  private static byte[] message(Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream to = CodedOutputStream.newInstance(bytes);
      writing.to(to);
      to.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private interface Writing {
    void to(CodedOutputStream to) throws IOException;
  }
}

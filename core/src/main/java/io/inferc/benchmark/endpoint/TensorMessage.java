package io.inferc.benchmark.endpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.inferc.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request for inference as it is sent. */
final class TensorMessage {
  private static final JsonFactory JSON = new JsonFactory();

  private final byte[] bytes;
  private final int jsonLength;

  private TensorMessage(byte[] bytes, int jsonLength) {
    this.bytes = bytes;
    this.jsonLength = jsonLength;
  }

  /** The body; not copied. */
  byte[] bytes() {
    return bytes;
  }

  /** How many bytes of the body are JSON; behind it are the tensors, if binary. */
  int jsonLength() {
    return jsonLength;
  }

  static TensorMessage of(Map<String, Tensor> inputs, boolean binary) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Map<String, ByteBuffer> data = new LinkedHashMap<>();
    try (JsonGenerator to = JSON.createGenerator(bytes)) {
      to.writeStartObject();
      to.writeArrayFieldStart("inputs");
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        String name = input.getKey();
        Tensor tensor = input.getValue();
        to.writeStartObject();
        to.writeStringField("name", name);
        to.writeStringField("datatype", ProtocolTypes.name(tensor.type(), name));
        to.writeFieldName("shape");
        to.writeArray(tensor.shape(), 0, tensor.rank());
        if (binary) {
          ByteBuffer elements = BinaryElements.write(tensor);
          data.put(name, elements);
          to.writeObjectFieldStart("parameters");
          to.writeNumberField("binary_data_size", elements.remaining());
          to.writeEndObject();
        } else {
          to.writeFieldName("data");
          JsonElements.write(to, name, tensor);
        }
        to.writeEndObject();
      }
      to.writeEndArray();
      if (binary) {
        to.writeObjectFieldStart("parameters");
        to.writeBooleanField("binary_data_output", true);
        to.writeEndObject();
      }
      to.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int jsonLength = bytes.size();
    for (ByteBuffer elements : data.values()) {
      byte[] copy = new byte[elements.remaining()];
      elements.get(copy);
      bytes.writeBytes(copy);
    }
    return new TensorMessage(bytes.toByteArray(), jsonLength);
  }
}

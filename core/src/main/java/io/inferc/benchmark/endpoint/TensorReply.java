package io.inferc.benchmark.endpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the answer to a request for inference. */
final class TensorReply {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private final byte[] body;
  private final int jsonLength;
  private final OutputMemory memory;
  private final Set<String> names = new HashSet<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();
  private final List<Output> inBinary = new ArrayList<>();

  private TensorReply(byte[] body, int jsonLength, OutputMemory memory) {
    this.body = body;
    this.jsonLength = jsonLength;
    this.memory = memory;
  }

  /**
   * Reads an answer.
   *
   * @param body the whole of it
   * @param jsonLength how many bytes are JSON
   * @param most how many bytes the outputs may take together
   * @return the outputs in their order, which the caller closes
   */
  static Map<String, Tensor> read(byte[] body, int jsonLength, long most) throws RequestFailure {
    TensorReply reply = new TensorReply(body, jsonLength, new OutputMemory(most));
    boolean complete = false;
    try {
      reply.json();
      reply.binary();
      complete = true;
      return reply.outputs;
    } finally {
      if (!complete) {
        reply.outputs.values().forEach(Tensor::close);
      }
    }
  }

  private void json() throws RequestFailure {
    try (JsonParser from = JSON.createParser(body, 0, jsonLength)) {
      require(from.nextToken() == JsonToken.START_OBJECT, "the answer is no JSON object");
      boolean found = false;
      while (from.nextToken() == JsonToken.FIELD_NAME) {
        String field = from.currentName();
        JsonToken value = from.nextToken();
        if (field.equals("error") && value == JsonToken.VALUE_STRING) {
          throw new RequestFailure(Outcome.FAILED, "an error: " + ErrorText.line(from.getText()));
        }
        if (field.equals("outputs")) {
          require(value == JsonToken.START_ARRAY, "the answer's outputs are no array");
          while (from.nextToken() == JsonToken.START_OBJECT) {
            output(from);
            found = true;
          }
          require(
              from.currentToken() == JsonToken.END_ARRAY, "the answer has an output of no object");
        } else {
          from.skipChildren();
        }
      }
      require(found, "the answer has no outputs");
      require(from.nextToken() == null, "something follows the answer's JSON");
    } catch (IOException e) {
      throw RequestFailure.broken(
          "the answer cannot be read as JSON: " + ErrorText.line(firstLine(e)));
    }
  }

  private static String firstLine(IOException thrown) {
    String message = String.valueOf(thrown.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  private void output(JsonParser from) throws IOException, RequestFailure {
    OutputMemory.requireRoom(names.size());
    String name = null;
    DataType type = null;
    long[] shape = null;
    long size = -1;
    Tensor tensor = null;
    int early = -1;
    try {
      while (from.nextToken() == JsonToken.FIELD_NAME) {
        String field = from.currentName();
        JsonToken value = from.nextToken();
        switch (field) {
          case "name" -> name = from.getValueAsString();
          case "datatype" -> type = ProtocolTypes.ofOutput(String.valueOf(from.getValueAsString()));
          case "shape" -> shape = shape(from);
          case "parameters" -> size = binarySize(from);
          case "data" -> {
            require(tensor == null && early < 0, "an output has its data twice");
            if (value == JsonToken.VALUE_NULL) {
              continue;
            }
            if (type != null && shape != null) {
              tensor = JsonElements.read(from, type, shape, count(type, shape));
            } else {
              early = place(from);
              from.skipChildren();
            }
          }
          default -> from.skipChildren();
        }
      }
      if (name == null || type == null || shape == null) {
        throw RequestFailure.broken("an output has no name, datatype or shape");
      }
      require(names.add(name), "two outputs have one name");
      if (size >= 0) {
        inBinary.add(new Output(name, type, shape, size));
        return;
      }
      if (tensor == null && early >= 0) {
        try (JsonParser late = JSON.createParser(body, early, jsonLength - early)) {
          late.nextToken();
          tensor = JsonElements.read(late, type, shape, count(type, shape));
        }
      }
      if (tensor == null) {
        throw RequestFailure.broken("an output has no data");
      }
      outputs.put(name, tensor);
      tensor = null;
    } finally {
      if (tensor != null) {
        tensor.close();
      }
    }
  }

  /**
   * Where a value begins: data before their type are read again, for kept they take more memory.
   */
  private static int place(JsonParser from) throws RequestFailure {
    long offset = from.currentTokenLocation().getByteOffset();
    require(offset >= 0, "the answer's JSON is not in UTF-8");
    return (int) offset;
  }

  private static long[] shape(JsonParser from) throws IOException, RequestFailure {
    require(from.currentToken() == JsonToken.START_ARRAY, "an output's shape is no array");
    long[] sizes = new long[ProtocolTypes.RANKS];
    int rank = 0;
    while (from.nextToken() != JsonToken.END_ARRAY) {
      require(
          rank < ProtocolTypes.RANKS
              && from.currentToken() == JsonToken.VALUE_NUMBER_INT
              && from.getLongValue() >= 0,
          "an output's shape has something else than sizes");
      sizes[rank++] = from.getLongValue();
    }
    return Arrays.copyOf(sizes, rank);
  }

  private long count(DataType type, long[] shape) throws RequestFailure {
    long count = ProtocolTypes.count(shape, body.length);
    memory.count(type, count);
    return count;
  }

  private static long binarySize(JsonParser from) throws IOException, RequestFailure {
    long size = -1;
    if (from.currentToken() != JsonToken.START_OBJECT) {
      from.skipChildren();
      return size;
    }
    while (from.nextToken() == JsonToken.FIELD_NAME) {
      String field = from.currentName();
      JsonToken value = from.nextToken();
      if (field.equals("binary_data_size")) {
        require(
            value == JsonToken.VALUE_NUMBER_INT && from.getLongValue() >= 0,
            "an output's binary_data_size is no number of bytes");
        size = from.getLongValue();
      } else {
        from.skipChildren();
      }
    }
    return size;
  }

  private void binary() throws RequestFailure {
    int at = jsonLength;
    for (Output output : inBinary) {
      require(output.size <= body.length - at, "the answer ends inside an output");
      ByteBuffer bytes = ByteBuffer.wrap(body, at, (int) output.size);
      long count = count(output.type, output.shape);
      outputs.put(output.name, BinaryElements.read(bytes, output.type, output.shape, count));
      at += (int) output.size;
    }
    require(at == body.length, "the answer has bytes that belong to no output");
  }

  private static void require(boolean condition, String otherwise) throws RequestFailure {
    if (!condition) {
      throw RequestFailure.broken(otherwise);
    }
  }

  /** An output whose bytes stand behind the JSON. */
  private static final class Output {
    private final String name;
    private final DataType type;
    private final long[] shape;
    private final long size;

    Output(String name, DataType type, long[] shape, long size) {
      this.name = name;
      this.type = type;
      this.shape = shape;
      this.size = size;
    }
  }
}

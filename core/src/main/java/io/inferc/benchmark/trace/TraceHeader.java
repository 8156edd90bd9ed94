package io.inferc.benchmark.trace;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The first block of a file. */
record TraceHeader(
    UUID recorder, int number, long epochNanos, ByteOrder byteOrder, List<TensorSpec> inputs) {
  private static final int LEAST_INPUT_BYTES = Integer.BYTES + 2;

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream to = new DataOutputStream(bytes)) {
      putLong(to, recorder.getMostSignificantBits());
      putLong(to, recorder.getLeastSignificantBits());
      putInt(to, number);
      putLong(to, epochNanos);
      to.writeByte(byteOrder == ByteOrder.LITTLE_ENDIAN ? 0 : 1);
      putInt(to, inputs.size());
      for (TensorSpec input : inputs) {
        putText(to, input.name());
        to.writeByte(input.type().onnxCode());
        to.writeByte(input.shape().isRankKnown() ? 1 : 0);
        if (input.shape().isRankKnown()) {
          putShape(to, input.shape().dimensions().orElseThrow());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void putShape(DataOutputStream to, List<Dimension> dimensions) throws IOException {
    putInt(to, dimensions.size());
    for (Dimension d : dimensions) {
      if (d.isFixed()) {
        to.writeByte(0);
        putLong(to, d.size().getAsLong());
      } else if (d.symbol().isPresent()) {
        to.writeByte(1);
        putText(to, d.symbol().get());
      } else {
        to.writeByte(2);
      }
    }
  }

  private static void putText(DataOutputStream to, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    putInt(to, bytes.length);
    to.write(bytes);
  }

  private static void putInt(DataOutputStream to, int value) throws IOException {
    to.writeInt(Integer.reverseBytes(value));
  }

  private static void putLong(DataOutputStream to, long value) throws IOException {
    to.writeLong(Long.reverseBytes(value));
  }

  static TraceHeader decode(BlockBody body) {
    UUID recorder = new UUID(body.number(), body.number());
    int number = body.unsignedInt(Integer.MAX_VALUE);
    long epochNanos = body.number();
    int order = body.oneOf(2);
    int count = body.count(LEAST_INPUT_BYTES);
    if (count > TraceFormat.MOST_INPUTS) {
      throw body.wrong("it has " + count + " inputs");
    }
    List<TensorSpec> inputs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      String name = body.text();
      int code = body.oneOf(Byte.MAX_VALUE);
      DataType type =
          DataType.fromOnnxCode(code)
              .orElseThrow(() -> body.wrong("the element type " + code + " is none"));
      inputs.add(
          new TensorSpec(name, type, body.oneOf(2) == 0 ? TensorShape.unknownRank() : shape(body)));
    }
    body.requireEnd();
    if (inputs.stream().map(TensorSpec::name).distinct().count() < inputs.size()) {
      throw body.wrong("two inputs have one name");
    }
    return new TraceHeader(
        recorder,
        number,
        epochNanos,
        order == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN,
        inputs);
  }

  private static TensorShape shape(BlockBody body) {
    int rank = body.count(1);
    if (rank > TraceFormat.MOST_RANK) {
      throw body.wrong("an input has " + rank + " dimensions");
    }
    List<Dimension> dimensions = new ArrayList<>(rank);
    for (int i = 0; i < rank; i++) {
      dimensions.add(
          switch (body.oneOf(3)) {
            case 0 -> Dimension.fixed(body.size());
            case 1 -> symbol(body);
            default -> Dimension.unknown();
          });
    }
    return TensorShape.of(dimensions);
  }

  private static Dimension symbol(BlockBody body) {
    String symbol = body.text();
    if (symbol.isEmpty()) {
      throw body.wrong("a symbol is empty");
    }
    return Dimension.symbolic(symbol);
  }
}

package io.inferc.benchmark.endpoint;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The elements of tensors as a JSON array. */
final class JsonElements {
  private JsonElements() {}

  /** Writes all elements in one flat array, in row-major order. */
  static void write(JsonGenerator to, String name, Tensor tensor) throws IOException {
    to.writeStartArray();
    if (tensor.type() == DataType.STRING) {
      for (String text : tensor.strings()) {
        to.writeString(text);
      }
    } else {
      ByteBuffer from = tensor.bytes();
      for (long i = tensor.elementCount(); i > 0; i--) {
        write(to, name, tensor.type(), from);
      }
    }
    to.writeEndArray();
  }

  private static void write(JsonGenerator to, String name, DataType type, ByteBuffer from)
      throws IOException {
    switch (type) {
      case BOOL -> to.writeBoolean(from.get() != 0);
      case UINT8 -> to.writeNumber(from.get() & 0xff);
      case INT8 -> to.writeNumber((int) from.get());
      case UINT16 -> to.writeNumber(from.getShort() & 0xffff);
      case INT16 -> to.writeNumber((int) from.getShort());
      case UINT32 -> to.writeNumber(from.getInt() & 0xffffffffL);
      case INT32 -> to.writeNumber(from.getInt());
      case UINT64 -> to.writeNumber(Long.toUnsignedString(from.getLong()));
      case INT64 -> to.writeNumber(from.getLong());
      case FLOAT16 -> to.writeNumber((float) finite(Half.fromFloat16(from.getShort()), name));
      case BFLOAT16 -> to.writeNumber((float) finite(Half.fromBfloat16(from.getShort()), name));
      case FLOAT32 -> to.writeNumber((float) finite(from.getFloat(), name));
      case FLOAT64 -> to.writeNumber(finite(from.getDouble(), name));
      default -> throw new IllegalStateException("no element of " + type + " has a name");
    }
  }

  private static double finite(double value, String name) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "Tried to send the input "
              + ErrorText.line(name)
              + " as JSON, which has no number for "
              + value
              + ". Send finite numbers, or use a server with binary tensors.");
    }
    return value;
  }

  /**
   * Reads an array, flat or nested in row-major order.
   *
   * @param from at the start of the array
   * @param count how many elements there must be, no more than memory is to be taken for
   */
  static Tensor read(JsonParser from, DataType type, long[] shape, long count)
      throws IOException, RequestFailure {
    if (type == DataType.STRING) {
      List<String> texts = new ArrayList<>();
      elements(from, count, () -> texts.add(text(from)));
      return Tensor.ofStrings(texts, shape);
    }
    Tensor tensor = OutputMemory.allocate(type, shape);
    boolean complete = false;
    try {
      ByteBuffer to = tensor.bytes();
      elements(from, count, () -> read(from, type, to));
      complete = true;
      return tensor;
    } finally {
      if (!complete) {
        tensor.close();
      }
    }
  }

  private static void elements(JsonParser from, long count, Element element)
      throws IOException, RequestFailure {
    if (from.currentToken() != JsonToken.START_ARRAY) {
      throw RequestFailure.broken("an output's data is no array");
    }
    long found = 0;
    for (int depth = 1; depth > 0; ) {
      JsonToken token = from.nextToken();
      if (token == JsonToken.START_ARRAY) {
        depth++;
      } else if (token == JsonToken.END_ARRAY) {
        depth--;
      } else if (found++ < count) {
        element.read();
      } else {
        break;
      }
    }
    if (found != count) {
      throw RequestFailure.broken("an output's data has another number of elements than its shape");
    }
  }

  private static void read(JsonParser from, DataType type, ByteBuffer to)
      throws IOException, RequestFailure {
    switch (type) {
      case BOOL -> to.put(truth(from));
      case UINT8 -> to.put((byte) whole(from, 0, 0xff));
      case INT8 -> to.put((byte) whole(from, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case UINT16 -> to.putShort((short) whole(from, 0, 0xffff));
      case INT16 -> to.putShort((short) whole(from, Short.MIN_VALUE, Short.MAX_VALUE));
      case UINT32 -> to.putInt((int) whole(from, 0, 0xffffffffL));
      case INT32 -> to.putInt((int) whole(from, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case UINT64 -> to.putLong(unsigned(from));
      case INT64 -> to.putLong(whole(from, Long.MIN_VALUE, Long.MAX_VALUE));
      case FLOAT16 -> to.putShort(half(from));
      case BFLOAT16 -> to.putShort(brain(from));
      case FLOAT32 -> to.putFloat(single(from));
      case FLOAT64 -> to.putDouble(real(from));
      default -> throw new IllegalStateException("no element of " + type + " has a name");
    }
  }

  private static String text(JsonParser from) throws IOException, RequestFailure {
    if (from.currentToken() != JsonToken.VALUE_STRING) {
      throw RequestFailure.unfit();
    }
    return from.getText();
  }

  private static byte truth(JsonParser from) throws IOException, RequestFailure {
    return switch (from.currentToken()) {
      case VALUE_TRUE -> (byte) 1;
      case VALUE_FALSE -> (byte) 0;
      default -> (byte) whole(from, 0, 1);
    };
  }

  private static long whole(JsonParser from, long least, long most)
      throws IOException, RequestFailure {
    if (from.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw RequestFailure.unfit();
    }
    long value = from.getLongValue();
    if (value < least || value > most) {
      throw RequestFailure.unfit();
    }
    return value;
  }

  private static long unsigned(JsonParser from) throws IOException, RequestFailure {
    if (from.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw RequestFailure.unfit();
    }
    BigInteger value = from.getBigIntegerValue();
    if (value.signum() < 0 || value.bitLength() > Long.SIZE) {
      throw RequestFailure.unfit();
    }
    return value.longValue();
  }

  private static short half(JsonParser from) throws IOException, RequestFailure {
    float value = single(from);
    short bits = Half.toFloat16(value);
    return fits(value, Half.fromFloat16(bits), bits);
  }

  private static short brain(JsonParser from) throws IOException, RequestFailure {
    float value = single(from);
    short bits = Half.toBfloat16(value);
    return fits(value, Half.fromBfloat16(bits), bits);
  }

  private static short fits(float value, float rounded, short bits) throws RequestFailure {
    if (Float.isInfinite(rounded) && !Float.isInfinite(value)) {
      throw RequestFailure.unfit();
    }
    return bits;
  }

  /** A float of the text itself: a double on the way would round twice. */
  private static float single(JsonParser from) throws IOException, RequestFailure {
    if (!isNumber(from)) {
      return (float) word(from);
    }
    float value = Float.parseFloat(from.getText());
    if (Float.isInfinite(value)) {
      throw RequestFailure.unfit();
    }
    return value;
  }

  private static double real(JsonParser from) throws IOException, RequestFailure {
    if (!isNumber(from)) {
      return word(from);
    }
    double value = Double.parseDouble(from.getText());
    if (Double.isInfinite(value)) {
      throw RequestFailure.unfit();
    }
    return value;
  }

  private static boolean isNumber(JsonParser from) throws IOException {
    if (!from.currentToken().isNumeric()) {
      return false;
    }
    String text = from.getText();
    return Character.isDigit(text.charAt(text.startsWith("-") ? 1 : 0));
  }

  /** Python writes these words, which are no JSON, where a float is no number. */
  private static double word(JsonParser from) throws IOException, RequestFailure {
    return switch (from.getText()) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw RequestFailure.unfit();
    };
  }

  private interface Element {
    void read() throws IOException, RequestFailure;
  }
}

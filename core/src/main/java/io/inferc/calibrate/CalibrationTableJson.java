package io.inferc.calibrate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A calibration table as JSON, UTF-8, tensors in the order of the graph. Numbers are the shortest
 * decimals that give the same float again.
 *
 * <pre>{@code
 * { "format": "inferc calibration table", "version": 1,
 *   "model": "SHA-256…", "method": "entropy", "samples": 1000,
 *   "ranges": { "x": { "min": -1.5, "max": 2.0, "observedMin": -3.0, "observedMax": 2.0 } },
 *   "channels": { "x": { "axis": -1, "means": [0.1], "meanSquares": [1.2],
 *                         "absMaxima": [3.0] } } }
 * }</pre>
 *
 * <p>A range of a tensor that never changed has {@code "constant": true} as well, and one of a
 * tensor with values that mask {@code "masked": true}.
 */
final class CalibrationTableJson {
  private static final String FORMAT = "inferc calibration table";
  private static final int VERSION = 1;

  private CalibrationTableJson() {}

  static byte[] write(CalibrationTable table) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("format", FORMAT);
    root.put("version", VERSION);
    root.put("model", table.modelDigest());
    root.put("method", table.method());
    root.put("samples", table.samples());
    ObjectNode ranges = root.putObject("ranges");
    table.ranges().forEach((name, range) -> put(ranges.putObject(name), range));
    ObjectNode channels = root.putObject("channels");
    table.channels().forEach((name, statistics) -> put(channels.putObject(name), statistics));
    try {
      return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void put(ObjectNode to, TensorRange range) {
    to.put("min", range.min()).put("max", range.max());
    to.put("observedMin", range.observedMin()).put("observedMax", range.observedMax());
    if (range.constant()) {
      to.put("constant", true);
    }
    if (range.masked()) {
      to.put("masked", true);
    }
  }

  private static void put(ObjectNode to, ChannelStatistics statistics) {
    to.put("axis", statistics.axis());
    put(to.putArray("means"), statistics.means());
    put(to.putArray("meanSquares"), statistics.meanSquares());
    put(to.putArray("absMaxima"), statistics.absMaxima());
  }

  private static void put(ArrayNode to, float[] values) {
    for (float value : values) {
      to.add(value);
    }
  }

  static CalibrationTable read(byte[] json) throws IOException {
    // A double on the way would round twice.
    ObjectMapper mapper =
        new ObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    try {
      return table(mapper.readTree(json));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static CalibrationTable table(JsonNode root) throws IOException {
    if (!root.path("format").asText().equals(FORMAT)) {
      throw new IOException("it does not say that it is an " + FORMAT);
    }
    long version = whole(root, "version");
    if (version != VERSION) {
      throw new IOException(
          "its version is " + version + " and this version of inferc reads " + VERSION);
    }
    CalibrationTable.Builder table =
        CalibrationTable.builder(text(root, "model"), text(root, "method"), whole(root, "samples"));
    JsonNode ranges = required(root, "ranges");
    for (String tensor : names(ranges)) {
      table.range(tensor, range(ranges.path(tensor)));
    }
    JsonNode channels = required(root, "channels");
    for (String tensor : names(channels)) {
      table.channels(tensor, statistics(channels.path(tensor)));
    }
    return table.build();
  }

  /** What JsonNode.properties() would say, which Jackson has from 2.15 on only. */
  private static Iterable<String> names(JsonNode object) {
    return object::fieldNames;
  }

  private static TensorRange range(JsonNode node) throws IOException {
    return new TensorRange(
        number(required(node, "min")),
        number(required(node, "max")),
        number(required(node, "observedMin")),
        number(required(node, "observedMax")),
        node.path("constant").asBoolean(),
        node.path("masked").asBoolean());
  }

  private static ChannelStatistics statistics(JsonNode node) throws IOException {
    return new ChannelStatistics(
        (int) whole(node, "axis"),
        numbers(required(node, "means")),
        numbers(required(node, "meanSquares")),
        numbers(required(node, "absMaxima")));
  }

  private static float[] numbers(JsonNode array) throws IOException {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = number(array.get(i));
    }
    return values;
  }

  private static float number(JsonNode node) throws IOException {
    if (!node.isNumber()) {
      throw new IOException("it has " + node + " where a number belongs");
    }
    float value = node.decimalValue().floatValue();
    if (!Float.isFinite(value)) {
      throw new IOException("it has the number " + node + ", which is beyond a float");
    }
    return value;
  }

  private static long whole(JsonNode node, String field) throws IOException {
    JsonNode value = required(node, field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new IOException("its field '" + field + "' is no whole number");
    }
    return value.longValue();
  }

  private static String text(JsonNode node, String field) throws IOException {
    JsonNode value = required(node, field);
    if (!value.isTextual() || value.asText().isEmpty()) {
      throw new IOException("its field '" + field + "' is no text");
    }
    return value.asText();
  }

  private static JsonNode required(JsonNode node, String field) throws IOException {
    JsonNode value = node.get(field);
    if (value == null) {
      throw new IOException("its field '" + field + "' is missing");
    }
    return value;
  }
}

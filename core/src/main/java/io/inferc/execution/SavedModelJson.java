package io.inferc.execution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.runtime.ModelFacts;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.spi.Fingerprint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The manifest of a saved model as JSON, UTF-8, keys in a fixed order:
 *
 * <pre>{@code
 * { "format": 1, "name": "…", "device": "…",
 *   "precision": "…", "weightBytes": 123, "warnings": [ "…" ],
 *   "fingerprint": { "backend": "…", "backendVersion": "…", "device": "…", "properties": {…} },
 *   "profiles": [ { "name": "…", "symbols": { "batch": [1, 8, 32] }, "inputs": { "x": [[1, 1, 1]] } } ] }
 * }</pre>
 *
 * <p>A range may have a fourth number, its step.
 */
final class SavedModelJson {
  private static final int FORMAT = 1;

  private SavedModelJson() {}

  static byte[] write(SavedModel model) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("format", FORMAT);
    root.put("name", model.name());
    model.device().ifPresent(d -> root.put("device", d));
    root.put("precision", model.facts().precision());
    model.facts().weightBytes().ifPresent(b -> root.put("weightBytes", b));
    ArrayNode warnings = root.putArray("warnings");
    model.facts().warnings().forEach(warnings::add);
    ObjectNode fingerprint = root.putObject("fingerprint");
    fingerprint.put("backend", model.fingerprint().backend());
    fingerprint.put("backendVersion", model.fingerprint().backendVersion());
    fingerprint.put("device", model.fingerprint().device());
    ObjectNode properties = fingerprint.putObject("properties");
    model.fingerprint().properties().forEach(properties::put);
    ArrayNode profiles = root.putArray("profiles");
    for (ShapeProfile profile : model.profiles()) {
      ObjectNode node = profiles.addObject();
      node.put("name", profile.name());
      ObjectNode symbols = node.putObject("symbols");
      profile.symbols().forEach((symbol, range) -> put(symbols.putArray(symbol), range));
      ObjectNode inputs = node.putObject("inputs");
      profile
          .inputs()
          .forEach(
              (input, ranges) -> {
                ArrayNode list = inputs.putArray(input);
                ranges.forEach(range -> put(list.addArray(), range));
              });
    }
    try {
      return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void put(ArrayNode to, Range range) {
    to.add(range.min()).add(range.opt()).add(range.max());
    if (range.step() > 1) {
      to.add(range.step());
    }
  }

  static SavedModel read(byte[] json) throws IOException {
    try {
      return model(new ObjectMapper().readTree(json));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static SavedModel model(JsonNode root) throws IOException {
    int format = required(root, "format").asInt();
    if (format != FORMAT) {
      throw new IOException(
          "its format is " + format + " and this version of inferc reads " + FORMAT);
    }
    JsonNode f = required(root, "fingerprint");
    Map<String, String> properties = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : f.path("properties").properties()) {
      properties.put(e.getKey(), e.getValue().asText());
    }
    Fingerprint fingerprint =
        Fingerprint.of(
            required(f, "backend").asText(),
            required(f, "backendVersion").asText(),
            required(f, "device").asText(),
            properties);
    List<ShapeProfile> profiles = new ArrayList<>();
    for (JsonNode node : root.path("profiles")) {
      profiles.add(profile(node));
    }
    Optional<String> device = Optional.ofNullable(root.get("device")).map(JsonNode::asText);
    return new SavedModel(
        required(root, "name").asText(), facts(root), fingerprint, device, profiles);
  }

  private static ModelFacts facts(JsonNode root) {
    List<String> warnings = new ArrayList<>();
    root.path("warnings").forEach(w -> warnings.add(w.asText()));
    return new ModelFacts(
        root.path("precision").asText(ModelFacts.unknown().precision()),
        root.has("weightBytes")
            ? OptionalLong.of(root.get("weightBytes").asLong())
            : OptionalLong.empty(),
        warnings);
  }

  private static ShapeProfile profile(JsonNode node) throws IOException {
    ShapeProfile profile = ShapeProfile.named(required(node, "name").asText());
    for (Map.Entry<String, JsonNode> e : node.path("symbols").properties()) {
      profile = profile.range(e.getKey(), range(e.getValue()));
    }
    for (Map.Entry<String, JsonNode> e : node.path("inputs").properties()) {
      List<Range> ranges = new ArrayList<>();
      for (JsonNode r : e.getValue()) {
        ranges.add(range(r));
      }
      profile = profile.input(e.getKey(), ranges.toArray(Range[]::new));
    }
    return profile;
  }

  private static Range range(JsonNode node) throws IOException {
    if (node.size() < 3 || node.size() > 4) {
      throw new IOException("a range has " + node.size() + " numbers instead of 3 or 4");
    }
    return new Range(
        node.get(0).asLong(),
        node.get(1).asLong(),
        node.get(2).asLong(),
        node.size() == 3 ? 1 : node.get(3).asLong());
  }

  private static JsonNode required(JsonNode node, String field) throws IOException {
    JsonNode value = node.get(field);
    if (value == null) {
      throw new IOException("the field '" + field + "' is missing");
    }
    return value;
  }
}

package io.inferc.execution.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.onnx.ModelLimits;
import io.inferc.runtime.ModelFacts;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.spi.Fingerprint;
import java.io.IOException;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The manifest of a saved model as JSON, UTF-8, keys in a fixed order:
 *
 * <pre>{@code
 * { "format": 2, "name": "…", "device": "…",
 *   "precision": "…", "weightBytes": 123, "warnings": [ "…" ],
 *   "limits": { "graphDepth": 16, … },
 *   "fingerprint": { "backend": "…", "backendVersion": "…", "device": "…", "properties": {…} },
 *   "profiles": [ { "name": "…", "symbols": { "batch": [1, 8, 32] }, "inputs": { "x": [[1, 1, 1]] } } ],
 *   "payload": "payload-…", "parts": [ { "name": "…", "size": 123, "sha256": "…" } ],
 *   "checksum": "…" }
 * }</pre>
 *
 * <p>A range may have a fourth number, its step. The checksum is the SHA-256 of the text as it is
 * written without it, and a text that is not, byte for byte, what would be written is damaged.
 * Later formats begin with the same field.
 */
final class SavedModelJson {
  static final int FORMAT = 2;

  private static final String CHECKSUM = "checksum";
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private SavedModelJson() {}

  static byte[] write(Manifest manifest) {
    SavedModel model = manifest.model();
    ObjectNode root = MAPPER.createObjectNode();
    root.put("format", FORMAT);
    root.put("name", model.name());
    model.device().ifPresent(d -> root.put("device", d));
    root.put("precision", model.facts().precision());
    model.facts().weightBytes().ifPresent(b -> root.put("weightBytes", b));
    ArrayNode warnings = root.putArray("warnings");
    model.facts().warnings().forEach(warnings::add);
    put(root.putObject("limits"), model.limits());
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
    root.put("payload", manifest.payload());
    ArrayNode parts = root.putArray("parts");
    for (SavedPart part : manifest.parts()) {
      parts
          .addObject()
          .put("name", part.name())
          .put("size", part.size())
          .put("sha256", part.sha256());
    }
    return sealed(root);
  }

  /** Renders with the checksum of what it is without it. */
  static byte[] sealed(ObjectNode root) {
    root.remove(CHECKSUM);
    root.put(CHECKSUM, SavedPart.digestOf(render(root)));
    return render(root);
  }

  private static byte[] render(ObjectNode root) {
    try {
      return MAPPER.writer(printer()).writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same lines on every system. */
  private static DefaultPrettyPrinter printer() {
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    return printer;
  }

  private static void put(ObjectNode to, ModelLimits limits) {
    to.put("graphDepth", limits.graphDepth())
        .put("functionDepth", limits.functionDepth())
        .put("expandedNodes", limits.expandedNodes())
        .put("loopSteps", limits.loopSteps())
        .put("tensorElements", limits.tensorElements());
  }

  private static void put(ArrayNode to, Range range) {
    to.add(range.min()).add(range.opt()).add(range.max());
    if (range.step() > 1) {
      to.add(range.step());
    }
  }

  /**
   * Reads a manifest.
   *
   * @throws OtherFormat if another version of inferc wrote it
   * @throws IOException if it is damaged
   */
  static Manifest read(byte[] json) throws IOException {
    try {
      JsonNode root = MAPPER.readTree(json);
      JsonNode format = required(root, "format");
      if (!format.isIntegralNumber() || !format.canConvertToInt()) {
        throw new IOException("its format is " + format);
      }
      if (format.asInt() != FORMAT) {
        throw new OtherFormat(format.asInt());
      }
      if (!Arrays.equals(json, sealed(((ObjectNode) root).deepCopy()))) {
        throw new IOException("its text is not the one that was written");
      }
      List<SavedPart> parts = new ArrayList<>();
      for (JsonNode part : required(root, "parts")) {
        parts.add(
            new SavedPart(
                required(part, "name").asText(),
                required(part, "size").asLong(),
                required(part, "sha256").asText()));
      }
      return new Manifest(model(root), required(root, "payload").asText(), parts);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** A manifest that another version of inferc wrote. */
  static final class OtherFormat extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    private final int format;

    OtherFormat(int format) {
      super("its format is " + format + " and this version of inferc reads " + FORMAT);
      this.format = format;
    }

    boolean isNewer() {
      return format > FORMAT;
    }
  }

  private static SavedModel model(JsonNode root) throws IOException {
    JsonNode f = required(root, "fingerprint");
    Map<String, String> properties = new LinkedHashMap<>();
    JsonNode saved = f.path("properties");
    for (String property : names(saved)) {
      properties.put(property, saved.get(property).asText());
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
        required(root, "name").asText(),
        facts(root),
        limits(root.path("limits")),
        fingerprint,
        device,
        profiles);
  }

  private static ModelLimits limits(JsonNode node) {
    ModelLimits defaults = ModelLimits.defaults();
    return new ModelLimits(
        node.path("graphDepth").asInt(defaults.graphDepth()),
        node.path("functionDepth").asInt(defaults.functionDepth()),
        node.path("expandedNodes").asLong(defaults.expandedNodes()),
        node.path("loopSteps").asLong(defaults.loopSteps()),
        node.path("tensorElements").asLong(defaults.tensorElements()));
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
    JsonNode symbols = node.path("symbols");
    for (String symbol : names(symbols)) {
      profile = profile.range(symbol, range(symbols.get(symbol)));
    }
    JsonNode inputs = node.path("inputs");
    for (String input : names(inputs)) {
      List<Range> ranges = new ArrayList<>();
      for (JsonNode r : inputs.get(input)) {
        ranges.add(range(r));
      }
      profile = profile.input(input, ranges.toArray(Range[]::new));
    }
    return profile;
  }

  /** What JsonNode.properties() would say, which Jackson has from 2.15 on only. */
  private static Iterable<String> names(JsonNode object) {
    return object::fieldNames;
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

package io.inferc.backend.tensorrt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What lies beside a saved engine: its digest, so that TensorRT never sees a damaged one, and the
 * inputs and outputs with the model's symbols, which an engine forgets.
 *
 * @param digest SHA-256 of the engine's bytes
 * @param inputs the inputs in the model's order
 * @param outputs the outputs in the model's order
 */
record SavedEngine(String digest, List<TensorSpec> inputs, List<TensorSpec> outputs) {
  static final String ENGINE = "model.engine";
  static final String SIGNATURE = "signature.json";

  private static final int FORMAT = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  SavedEngine {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  static String digestOf(Path engine) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(engine), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  void write(Path folder) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT);
    root.put("engineSha256", digest);
    root.set("inputs", json(inputs));
    root.set("outputs", json(outputs));
    Files.write(
        folder.resolve(SIGNATURE), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
  }

  private static ArrayNode json(List<TensorSpec> specs) {
    ArrayNode array = JSON.createArrayNode();
    for (TensorSpec spec : specs) {
      ObjectNode one = array.addObject();
      one.put("name", spec.name());
      one.put("type", spec.type().name());
      if (spec.shape().dimensions().isPresent()) {
        ArrayNode shape = one.putArray("shape");
        for (Dimension d : spec.shape().dimensions().get()) {
          if (d.isFixed()) {
            shape.add(d.size().getAsLong());
          } else if (d.symbol().isPresent()) {
            shape.add(d.symbol().get());
          } else {
            shape.addNull();
          }
        }
      }
    }
    return array;
  }

  /**
   * Reads and checks a saved engine, without showing it to TensorRT.
   *
   * @throws InfercException if a file is missing or damaged
   */
  static SavedEngine read(String model, Path folder) {
    for (String file : List.of(SIGNATURE, ENGINE)) {
      if (!Files.isRegularFile(folder.resolve(file))) {
        throw new InfercException(
            Stage.ARTIFACT,
            "Tried to load the model " + model + ", but " + folder.resolve(file) + " is missing.",
            "Copy the whole folder, or save the model again from its source.");
      }
    }
    try (InputStream in = Files.newInputStream(folder.resolve(SIGNATURE))) {
      JsonNode root = JSON.readTree(in);
      if (root.path("format").asInt() != FORMAT) {
        throw damaged(model, SIGNATURE, "it is of format " + root.path("format"));
      }
      SavedEngine saved =
          new SavedEngine(
              root.path("engineSha256").asText(),
              specs(root.path("inputs")),
              specs(root.path("outputs")));
      if (saved.outputs().isEmpty()) {
        throw damaged(model, SIGNATURE, "it names no outputs");
      }
      if (!digestOf(folder.resolve(ENGINE)).equals(saved.digest())) {
        throw damaged(model, ENGINE, "its bytes are not those that were saved");
      }
      return saved;
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw damaged(
          model, SIGNATURE, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    } catch (IOException e) {
      throw damaged(model, folder.toString(), e.toString());
    }
  }

  private static InfercException damaged(String model, String file, String found) {
    return new InfercException(
        Stage.ARTIFACT,
        "Tried to load the model " + model + ", but " + file + " is damaged: " + found + ".",
        "Copy the folder again, or save the model again from its source.");
  }

  private static List<TensorSpec> specs(JsonNode array) {
    List<TensorSpec> specs = new ArrayList<>();
    for (JsonNode one : array) {
      specs.add(
          new TensorSpec(
              one.path("name").asText(),
              DataType.valueOf(one.path("type").asText()),
              shape(one.path("shape"))));
    }
    return specs;
  }

  private static TensorShape shape(JsonNode array) {
    if (!array.isArray()) {
      return TensorShape.unknownRank();
    }
    List<Dimension> dimensions = new ArrayList<>();
    for (JsonNode d : array) {
      if (d.isNumber()) {
        dimensions.add(Dimension.fixed(d.asLong()));
      } else {
        dimensions.add(d.isNull() ? Dimension.unknown() : Dimension.symbolic(d.asText()));
      }
    }
    return TensorShape.of(dimensions);
  }
}

package io.inferc.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The JSON file in which a search keeps what it has measured, written all or nothing. */
final class StateFile {
  private final Path file;
  private final int format;
  private final String subject;

  /**
   * Names a file.
   *
   * @param format the version of what is in it
   * @param subject what is searched; a file of another subject is refused
   */
  StateFile(Path file, int format, String subject) {
    this.file = file;
    this.format = format;
    this.subject = subject;
  }

  boolean exists() {
    return Files.exists(file);
  }

  /** Starts what is to be written. */
  ObjectNode begin() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("format", format);
    root.put("subject", subject);
    return root;
  }

  void write(ObjectNode root) {
    Path target = file.toAbsolutePath();
    Path draft = target.resolveSibling("." + target.getFileName() + "-" + UUID.randomUUID());
    try {
      RegularFiles.requireIfThere(target);
      Files.write(
          draft, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
      Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.SEARCH, e);
      throw new InfercException(
          Stage.SEARCH,
          "Tried to keep the state of the search in " + file + ", but it cannot be written: " + e,
          "Check that its folder exists and may be written.",
          e);
    } finally {
      try {
        Files.deleteIfExists(draft);
      } catch (IOException ignored) {
        // A draft that stays is harmless, and the failure above says more.
      }
    }
  }

  /**
   * Reads the file.
   *
   * @throws InfercException if it cannot be read, is no such file, or of another subject
   */
  JsonNode read() {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(RegularFiles.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw damaged(e);
    } catch (IOException e) {
      throw new InfercException(
          Stage.SEARCH,
          "Tried to resume a search from " + file + ", but it cannot be read: " + e,
          "Check the file, or give another to start anew.",
          e);
    }
    if (root.path("format").asInt() != format || !root.path("subject").isTextual()) {
      throw damaged(null);
    }
    if (!root.path("subject").asText().equals(subject)) {
      throw new InfercException(
          Stage.SEARCH,
          "Tried to resume the search of "
              + subject
              + " from "
              + file
              + ", but that is the state of a search of "
              + root.path("subject").asText()
              + ".",
          "Search with the same model, samples, tolerance and target, or give another file.");
    }
    return root;
  }

  InfercException damaged(@Nullable Exception cause) {
    return new InfercException(
        Stage.SEARCH,
        "Tried to resume a search from " + file + ", but it is not the state of a search.",
        "Delete it or give another file to start anew.",
        cause);
  }

  /** What JsonNode.properties() would say, which Jackson has from 2.15 on only. */
  static Iterable<String> names(JsonNode object) {
    return object::fieldNames;
  }
}

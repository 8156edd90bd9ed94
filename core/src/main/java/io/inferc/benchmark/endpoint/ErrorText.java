package io.inferc.benchmark.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.common.internal.Messages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What a server says of an error, in a line. */
final class ErrorText {
  private static final int LENGTH = 300;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ErrorText() {}

  /** The message in an error's body, else the beginning of the body; empty where there is none. */
  static String of(byte[] body) {
    try {
      JsonNode root = MAPPER.readTree(body);
      if (root != null && root.isObject()) {
        return of(root);
      }
    } catch (IOException e) {
      // No JSON: then it is text for people.
    }
    return line(new String(body, StandardCharsets.UTF_8));
  }

  /** The message that an object has under one of the names in use, else the whole object. */
  static String of(JsonNode object) {
    for (String name : new String[] {"error", "message", "detail"}) {
      JsonNode said = object.get(name);
      if (said != null && said.isTextual()) {
        return line(said.asText());
      }
      if (said != null && said.path("message").isTextual()) {
        return line(said.path("message").asText());
      }
    }
    return line(object.toString());
  }

  /** What an exception says, else what it is. */
  static String of(Throwable thrown) {
    String message = thrown.getMessage();
    return line(message == null ? thrown.getClass().getSimpleName() : message);
  }

  static String line(String text) {
    String start = Messages.cut(text, 4 * LENGTH);
    return Messages.cut(start.replaceAll("[\\s\\p{Cntrl}]+", " ").strip(), LENGTH);
  }
}

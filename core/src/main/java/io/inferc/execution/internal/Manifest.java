package io.inferc.execution.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What the manifest of a saved model says: what the model is, and which files are its payload.
 *
 * @param model what the model is
 * @param payload the name of the folder that the parts lie in
 * @param parts the files of the payload
 */
record Manifest(SavedModel model, String payload, List<SavedPart> parts) {
  static final String FILE = "compiled-model.json";

  private static final Pattern PAYLOAD = Pattern.compile("payload-[0-9a-f]{32}");

  Manifest {
    if (!isPayload(payload)) {
      throw new IllegalArgumentException("'" + payload + "' is no name of a payload");
    }
    parts = List.copyOf(parts);
    if (parts.stream().map(SavedPart::name).distinct().count() != parts.size()) {
      throw new IllegalArgumentException("it names a part twice");
    }
  }

  static boolean isPayload(String name) {
    return PAYLOAD.matcher(name).matches();
  }

  /** A name that follows from what is in it; the number tells apart what has the same name. */
  static String payloadName(List<SavedPart> parts, int number) {
    return "payload-" + SavedPart.digestOf((parts + "-" + number).getBytes(UTF_8)).substring(0, 32);
  }
}

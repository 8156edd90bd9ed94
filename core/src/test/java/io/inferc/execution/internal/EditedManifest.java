package io.inferc.execution.internal;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Gives a saved model another manifest than the one that was written, with a right checksum. */
public final class EditedManifest {
  private EditedManifest() {}

  /**
   * Replaces a text in a manifest.
   *
   * @param folder the saved model
   * @param from what is in the manifest
   * @param to what takes its place
   * @throws IOException if the manifest cannot be read or written
   */
  public static void replace(Path folder, String from, String to) throws IOException {
    Path manifest = folder.resolve(Manifest.FILE);
    String text = Files.readString(manifest);
    if (!text.contains(from)) {
      throw new IOException("'" + from + "' is not in " + text);
    }
    ObjectNode root = (ObjectNode) new ObjectMapper().readTree(text.replace(from, to));
    Files.write(manifest, SavedModelJson.sealed(root));
  }
}

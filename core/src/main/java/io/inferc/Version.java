package io.inferc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * The version of this library. It is not read from the jar's manifest, since a fat jar has its own.
 */
final class Version {
  static final String TEXT = read("version.properties");

  private Version() {}

  /** Reads a resource beside this class, so that it is found where shading has moved both. */
  static String read(String resource) {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream(resource)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = properties.getProperty("version", "");
    // Not filtered by the build, the placeholder is still there.
    return version.isBlank() || version.startsWith("$") ? "unknown" : version;
  }
}

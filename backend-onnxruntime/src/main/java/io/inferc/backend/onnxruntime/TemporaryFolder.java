package io.inferc.backend.onnxruntime;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A folder of files that are needed for a moment only. */
final class TemporaryFolder implements AutoCloseable {
  private final Path path;

  TemporaryFolder(String prefix) {
    try {
      path = Files.createTempDirectory(prefix);
    } catch (IOException e) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to make a temporary folder, but that failed: " + e + ".",
          "Check the free space and the permissions of "
              + System.getProperty("java.io.tmpdir")
              + ".",
          e);
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    try (Stream<Path> entries = Files.list(path)) {
      List<Path> files = entries.toList();
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Some systems refuse to delete mapped files; a temporary file left behind does no harm.
    }
  }
}

package io.inferc.report;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** A file that appears as a whole or not at all. */
final class ReportFile {
  private ReportFile() {}

  /**
   * Writes a file and its folder, or leaves what was there.
   *
   * @throws InfercException if it cannot be written
   */
  static void write(Path file, String content) {
    Path target = file.toAbsolutePath();
    Path draft = target.resolveSibling("." + target.getFileName() + "-" + UUID.randomUUID());
    try {
      Path parent = target.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.writeString(draft, content);
      Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(draft);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw new InfercException(
          Stage.REPORT,
          "Tried to write a report to " + target + ", but that failed: " + e + ".",
          "Check the path, the permissions and the free space.",
          e);
    }
  }
}

package io.inferc.report;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

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
    try {
      Path parent = target.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      RegularFiles.replace(target, out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new InfercException(
          Stage.REPORT,
          "Tried to write a report to " + target + ", but that failed: " + e + ".",
          "Check the path, the permissions and the free space.",
          e);
    }
  }
}

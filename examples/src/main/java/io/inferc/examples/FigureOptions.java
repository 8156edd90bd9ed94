package io.inferc.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of every benchmark: how long to measure, and where its figures go. */
final class FigureOptions {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      converter = CheckedPaths.OutputFile.class,
      description = "Write the figures there too.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--quick",
      description = "Few samples and short measurements; the figures are then rough.")
  private boolean quick;

  /** Whether to measure briefly, when the figures do not matter. */
  boolean quick() {
    return quick;
  }

  /** Prints the figures, and writes them to the file if one is named. */
  void publish(List<String> report) throws IOException {
    report.forEach(System.out::println);
    if (out.isPresent()) {
      Path file = out.get().toAbsolutePath();
      Path folder = file.getParent();
      if (folder != null && !Files.isDirectory(folder)) {
        Files.createDirectories(folder);
      }
      Files.write(file, report);
    }
  }
}

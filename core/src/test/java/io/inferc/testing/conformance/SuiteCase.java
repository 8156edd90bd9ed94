package io.inferc.testing.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One case of the ONNX project's test data: a model with inputs and the outputs they must give.
 *
 * @param name the case's kind and name, as {@code node/test_abs}
 * @param model its model
 * @param data the folder of its inputs and outputs; empty for light models, whose inputs follow
 *     from their shapes and whose output lies beside the model
 */
record SuiteCase(String name, Path model, Optional<Path> data) {
  private static final String LIGHT = "light";
  private static final String SUFFIX = ".onnx";

  /**
   * Finds all cases; those of the kind "real" have no models, only an address to fetch them from.
   *
   * @param root the folder of the test data
   * @return the cases in the order of their names
   */
  static List<SuiteCase> all(Path root) {
    List<SuiteCase> cases = new ArrayList<>();
    for (Path kind : entries(root)) {
      for (Path entry : entries(kind)) {
        String name = kind.getFileName() + "/" + entry.getFileName();
        if (kind.endsWith(LIGHT) && name.endsWith(SUFFIX)) {
          String stem = name.substring(0, name.length() - SUFFIX.length());
          cases.add(new SuiteCase(stem, entry, Optional.empty()));
        } else if (Files.exists(entry.resolve("model.onnx"))) {
          Path data = entry.resolve("test_data_set_0");
          cases.add(new SuiteCase(name, entry.resolve("model.onnx"), Optional.of(data)));
        }
      }
    }
    return cases;
  }

  private static List<Path> entries(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it is a network with a runtime's share of weights, which takes long. */
  boolean isLarge() {
    return name.startsWith(LIGHT + "/");
  }

  /** Reads the model's file. */
  byte[] modelBytes() {
    try {
      return Files.readAllBytes(model);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.inferc.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names of the file of weights beside a model. Two files cannot be replaced in one step, so
 * weights never take the place of those that the model there uses: the new model is moved over the
 * old one once its weights lie beside it under another name.
 */
final class DataFiles {
  // Longer than from the end of writing weights to the end of writing the graph that names them.
  private static final Duration BEING_SAVED = Duration.ofMinutes(10);

  private final Path model;
  private final Set<String> used;
  private final String next;

  private DataFiles(Path model, Set<String> used) {
    this.model = model;
    this.used = used;
    String plain = model.getFileName() + ".data";
    next =
        used.contains(plain)
            ? model.getFileName() + "-" + UUID.randomUUID().toString().substring(0, 8) + ".data"
            : plain;
  }

  /** Looks at what the model that is there uses, if one is. */
  static DataFiles of(Path model) {
    Set<String> used = new HashSet<>();
    if (Files.isRegularFile(model)) {
      try {
        TensorProtos.each(
            OnnxModel.loadUnchecked(model),
            (t, files) -> {
              if (TensorBytes.isExternal(t)) {
                used.add(ExternalData.of(t).location());
              }
            });
      } catch (ModelFormatException e) {
        // What cannot be read uses nothing.
        used.clear();
      }
    }
    return new DataFiles(model, used);
  }

  /** The name for new weights. */
  String next() {
    return next;
  }

  /**
   * Deletes what the former model used under a name of ours, and what a killed process moved here
   * without getting to the model.
   */
  void deleteFormer() {
    Path folder = model.getParent();
    if (folder == null) {
      return;
    }
    Pattern fresh =
        Pattern.compile(Pattern.quote(model.getFileName() + "-") + "[0-9a-f]{8}\\.data");
    List<Path> left;
    try (Stream<Path> files = Files.list(folder)) {
      left =
          files
              .filter(f -> !f.getFileName().toString().equals(next))
              .filter(
                  f -> {
                    String name = f.getFileName().toString();
                    boolean ours =
                        fresh.matcher(name).matches() || name.equals(model.getFileName() + ".data");
                    return ours && (used.contains(name) || isLeft(f, name));
                  })
              .toList();
    } catch (IOException e) {
      return;
    }
    for (Path file : left) {
      TemporaryFiles.delete(file);
    }
  }

  /** The plain name may be somebody else's. */
  private boolean isLeft(Path file, String name) {
    try {
      return !name.equals(model.getFileName() + ".data")
          && Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(BEING_SAVED));
    } catch (IOException e) {
      return false;
    }
  }
}

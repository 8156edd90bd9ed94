package io.inferc.benchmark.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The files in which Linux describes itself; below another root in tests. */
record SystemFiles(Path root) {
  static final SystemFiles REAL = new SystemFiles(Path.of("/"));

  /** Returns the text of a file, empty if there is none or it may not be read. */
  Optional<String> text(String path) {
    try {
      // Such files state no size, so they are read to their end.
      return Optional.of(Files.readString(root.resolve(path), StandardCharsets.ISO_8859_1));
    } catch (IOException | InvalidPathException | SecurityException e) {
      return Optional.empty();
    }
  }

  Optional<String> word(String path) {
    return text(path).map(String::strip).filter(s -> !s.isEmpty());
  }

  OptionalLong number(String path) {
    return word(path).map(Numbers::parseLong).orElse(OptionalLong.empty());
  }

  boolean exists(String path) {
    return Files.exists(root.resolve(path));
  }

  /** Returns the names in a folder that fit a pattern of {@link java.nio.file}, sorted. */
  List<String> names(String folder, String glob) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(root.resolve(folder), glob)) {
      for (Path path : found) {
        names.add(String.valueOf(path.getFileName()));
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException | SecurityException e) {
      return List.of();
    }
    Collections.sort(names);
    return names;
  }
}

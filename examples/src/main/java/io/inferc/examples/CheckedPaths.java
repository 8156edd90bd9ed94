package io.inferc.examples;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Paths of the command line, looked at before a job of minutes begins that needs them in the end.
 */
final class CheckedPaths {
  private CheckedPaths() {}

  /** A folder to write files to, which need not be there yet. */
  static final class Folder implements ITypeConverter<Path> {
    @Override
    public Path convert(String text) {
      return writableFolder(path(text));
    }
  }

  /** A file to write, whose folder need not be there yet. */
  static final class OutputFile implements ITypeConverter<Path> {
    @Override
    public Path convert(String text) {
      return writableFile(path(text));
    }
  }

  /** A program: a path, or the name of one on the search path. */
  static final class Program implements ITypeConverter<Path> {
    @Override
    public Path convert(String text) {
      Path path = path(text);
      if (path.getNameCount() > 1 || path.isAbsolute()) {
        return executable(path)
            .orElseThrow(() -> new TypeConversionException("'" + text + "' is no program"));
      }
      for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
        Optional<Path> found = executable(Path.of(folder).resolve(path));
        if (found.isPresent()) {
          return found.get();
        }
      }
      throw new TypeConversionException("there is no program '" + text + "' on the search path");
    }

    private static Optional<Path> executable(Path path) {
      // Absolute, since the program may be started in another folder.
      return Files.isRegularFile(path) && Files.isExecutable(path)
          ? Optional.of(path.toAbsolutePath())
          : Optional.empty();
    }
  }

  /** Returns the folder if files can be written to it, once it is made. */
  static Path writableFolder(Path folder) {
    Path there = folder.toAbsolutePath().normalize();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      throw new TypeConversionException(
          "'" + folder + "' cannot be a folder, since " + there + " is a file");
    }
    if (!Files.isWritable(there)) {
      throw new TypeConversionException("nothing can be written to the folder " + there);
    }
    return folder;
  }

  /** Returns the file if it can be written, once its folder is made. */
  static Path writableFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new TypeConversionException("'" + file + "' is a folder, not a file");
    }
    if (Files.exists(file) && !Files.isWritable(file)) {
      throw new TypeConversionException("the file '" + file + "' cannot be written");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new TypeConversionException("'" + file + "' is not a file");
    }
    writableFolder(folder);
    return file;
  }

  private static Path path(String text) {
    if (text.isBlank()) {
      throw new TypeConversionException("the path is empty");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException("'" + text + "' is not a path: " + e.getReason());
    }
  }
}

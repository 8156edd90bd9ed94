package io.inferc.onnx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import io.inferc.common.internal.TemporaryFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files for models that do not lie where runtimes and mappings need them. */
final class TemporaryFiles {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryFiles.class);
  private static final String REMEDY =
      "Free space there, or name another folder for temporary files with the system property"
          + " java.io.tmpdir.";

  private TemporaryFiles() {}

  /** Whether a path is one that other programs and mappings know, unlike those inside archives. */
  static boolean isOrdinary(Path path) {
    return path.getFileSystem().equals(FileSystems.getDefault());
  }

  static Path folder(String model) {
    String place = System.getProperty("java.io.tmpdir");
    try {
      return TemporaryFolder.in(Path.of(place), "inferc-model-").path();
    } catch (IOException e) {
      throw new InfercException(
          Stage.IMPORT,
          "Tried to make a folder for the model "
              + model
              + " in "
              + place
              + ", but that failed: "
              + e
              + ".",
          REMEDY,
          e);
    }
  }

  /**
   * Writes a model to a temporary file.
   *
   * @param model what messages call it
   */
  static void write(InputStream from, String model, Path to) {
    byte[] buffer = new byte[1 << 16];
    long done = 0;
    try (OutputStream out = Files.newOutputStream(to)) {
      for (int n = read(from, buffer, model, done); n >= 0; n = read(from, buffer, model, done)) {
        out.write(buffer, 0, n);
        done += n;
      }
    } catch (IOException e) {
      throw full(model, done, to, e);
    }
    LOG.debug("Wrote the model {}, {}, to the temporary file {}.", model, size(done), to);
  }

  /** Copies a file, or makes a folder of that name. */
  static void copy(Path from, Path to) {
    try {
      if (Files.isDirectory(from)) {
        Files.createDirectory(to);
        return;
      }
    } catch (IOException e) {
      throw full(from.toString(), 0, to, e);
    }
    try (InputStream in = RegularFiles.newInputStream(from)) {
      write(in, from.toString(), to);
    } catch (IOException e) {
      throw unreadable(from.toString(), 0, e);
    }
  }

  private static int read(InputStream from, byte[] buffer, String model, long done) {
    try {
      return from.read(buffer);
    } catch (IOException e) {
      throw unreadable(model, done, e);
    }
  }

  static InfercException unreadable(String model, long done, IOException why) {
    return new InfercException(
        Stage.IMPORT,
        "Tried to read the model "
            + model
            + ", but after "
            + size(done)
            + " that failed: "
            + why
            + ".",
        "Check where it comes from, and try again.",
        why);
  }

  /** Writes a model that is in memory to a temporary file. */
  static void save(OnnxModel model, Path to) {
    long bytes = model.summary().weightBytes();
    String name = model.graph().name().isBlank() ? "in memory" : model.graph().name();
    try {
      ModelWriter.saveTemporary(model, to);
    } catch (InfercException e) {
      if (e.getCause() instanceof IOException why) {
        throw full(name, bytes, to, why);
      }
      throw e;
    }
    LOG.debug(
        "Wrote the model {}, {} of weights, to the temporary file {}.", name, size(bytes), to);
  }

  private static InfercException full(String model, long bytes, Path to, IOException why) {
    return new InfercException(
        Stage.IMPORT,
        "Tried to write "
            + size(bytes)
            + " of the model "
            + model
            + " to the temporary file "
            + to
            + ", but that failed: "
            + why
            + "."
            + free(to),
        REMEDY,
        why);
  }

  private static String free(Path file) {
    try {
      return " The folder has "
          + size(Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace())
          + " left.";
    } catch (IOException e) {
      return "";
    }
  }

  private static String size(long bytes) {
    return bytes < 1 << 20
        ? bytes + " bytes"
        : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }

  /** Deletes a file that was read; where mapped files cannot be deleted, when the JVM ends. */
  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }

  static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    }
  }
}

package io.inferc.common.internal;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A folder for files that are needed for a while only, deleted when it is closed. Its name says
 * which process made it, so that what a killed process leaves is deleted by the next that makes one
 * in the same place.
 *
 * <pre>{@code
 * try (TemporaryFolder folder = TemporaryFolder.create("model", Stage.IMPORT)) {
 *   model.save(folder.path().resolve("model.onnx"));
 * }
 * }</pre>
 */
public final class TemporaryFolder implements AutoCloseable {
  private static final String PREFIX = "inferc-";

  private final Path path;

  private TemporaryFolder(Path path) {
    this.path = path;
  }

  /**
   * Makes a folder where the system has its temporary files.
   *
   * @param purpose a word for its name
   * @param stage the stage that an exception names
   * @return the folder, to be closed
   * @throws InfercException if it cannot be made
   */
  public static TemporaryFolder create(String purpose, Stage stage) {
    Objects.requireNonNull(purpose, "purpose");
    Objects.requireNonNull(stage, "stage");
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      return in(parent, PREFIX + purpose + "-");
    } catch (IOException e) {
      throw new InfercException(
          stage,
          "Tried to make a temporary folder in " + parent + ", but that failed: " + e + ".",
          "Check its free space and permissions, or name another folder with the system property"
              + " java.io.tmpdir.",
          e);
    }
  }

  /**
   * Makes a folder in another, for example to move files from it in one step.
   *
   * @param parent an existing folder
   * @param prefix the beginning of its name
   * @return the folder, to be closed
   * @throws IOException if it cannot be made
   */
  public static TemporaryFolder in(Path parent, String prefix) throws IOException {
    Objects.requireNonNull(parent, "parent");
    Objects.requireNonNull(prefix, "prefix");
    sweep(parent, prefix);
    return new TemporaryFolder(Files.createTempDirectory(parent, prefix + ProcessMark.own() + "-"));
  }

  /**
   * Deletes what dead processes left in a folder.
   *
   * @param parent the folder
   * @param prefix the beginning of the names, up to the mark of the process
   */
  public static void sweep(Path parent, String prefix) {
    Objects.requireNonNull(parent, "parent");
    Objects.requireNonNull(prefix, "prefix");
    List<Path> left;
    try (Stream<Path> entries = Files.list(parent)) {
      left = entries.filter(p -> isLeft(p, prefix)).toList();
    } catch (IOException e) {
      // Then the next to come deletes it.
      return;
    }
    left.forEach(FileTrees::deleteQuietly);
  }

  private static boolean isLeft(Path entry, String prefix) {
    Path name = entry.getFileName();
    return name != null
        && name.toString().startsWith(prefix)
        && ProcessMark.isOfDead(name.toString().substring(prefix.length()), entry);
  }

  /**
   * Returns the folder.
   *
   * @return an existing folder, until it is closed
   */
  public Path path() {
    return path;
  }

  /** Deletes the folder; what cannot be deleted now is swept when this process is dead. */
  @Override
  public void close() {
    FileTrees.deleteQuietly(path);
  }
}

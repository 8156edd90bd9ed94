package io.inferc.common.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.UUID;

/**
 * Opens what a user named only if it is a file: opening a pipe waits until somebody writes to it,
 * and a device may have no end.
 */
public final class RegularFiles {
  private RegularFiles() {}

  /**
   * Refuses folders, pipes, devices and the like.
   *
   * @param path where a file should be
   * @return the path
   * @throws NoSuchFileException if nothing is there
   * @throws IOException if it is no file; the message says what it is
   */
  public static Path require(Path path) throws IOException {
    Objects.requireNonNull(path, "path");
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    return requireIfThere(path);
  }

  /**
   * Refuses folders, pipes, devices and the like where a file is to be written or replaced.
   *
   * @param path where a file may be
   * @return the path
   * @throws IOException if something else is there; the message says what it is
   */
  public static Path requireIfThere(Path path) throws IOException {
    Objects.requireNonNull(path, "path");
    if (Files.isDirectory(path)) {
      throw new IOException("it is a folder");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new IOException("it is a pipe, a device or the like, and no file");
    }
    return path;
  }

  /** Writes what a file is to hold. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes all of it.
     *
     * @param out where to, closed by whoever opened it
     * @throws IOException if that fails
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes or replaces a file, whole or not at all.
   *
   * @param path the file; others see what was there before until all is written
   * @param content what to write
   * @throws IOException if something else than a file is there, or writing fails
   */
  public static void replace(Path path, Content content) throws IOException {
    Objects.requireNonNull(content, "content");
    Path target = requireIfThere(path.toAbsolutePath());
    // Beside its place, so that the move is within one disk.
    Path draft = target.resolveSibling("." + target.getFileName() + "-" + UUID.randomUUID());
    try {
      try (OutputStream out = Files.newOutputStream(draft)) {
        content.writeTo(out);
      }
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /**
   * Opens a file to be read.
   *
   * @param path the file
   * @return its bytes, to be closed
   * @throws IOException if it is no file, or cannot be read
   */
  public static InputStream newInputStream(Path path) throws IOException {
    return Files.newInputStream(require(path));
  }

  /**
   * Reads a whole file.
   *
   * @param path the file
   * @return its bytes
   * @throws IOException if it is no file, or cannot be read
   */
  public static byte[] readAllBytes(Path path) throws IOException {
    return Files.readAllBytes(require(path));
  }
}

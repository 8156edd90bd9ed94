package io.inferc.common.internal;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Deletes files and folders with all that is in them; links are deleted, not followed. */
public final class FileTrees {
  private FileTrees() {}

  /**
   * Deletes a file, or a folder with all that is in it.
   *
   * @param path what to delete; nothing happens if it is not there
   * @throws IOException if something cannot be deleted
   */
  public static void delete(Path path) throws IOException {
    Objects.requireNonNull(path, "path");
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * Deletes as {@link #delete} does, for what is swept again later or where another failure is the
   * one to report.
   *
   * @param path what to delete
   * @return whether it is gone
   */
  public static boolean deleteQuietly(Path path) {
    Objects.requireNonNull(path, "path");
    try {
      delete(path);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}

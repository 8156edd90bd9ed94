package io.inferc.backend.migraphx;

import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Opens shared libraries and finds their versions. */
final class Libraries {
  // RTLD_LAZY without RTLD_GLOBAL: the names in MIGraphX and what it brings (protobuf, for one)
  // must not take the place of another runtime's.
  private static final int LAZY_AND_LOCAL = 1;

  private Libraries() {}

  /**
   * Opens a library.
   *
   * @throws UnsatisfiedLinkError if it, or something it needs, cannot be loaded
   */
  static NativeLibrary open(Path file) {
    return NativeLibrary.getInstance(
        file.toString(), Map.of(Library.OPTION_OPEN_FLAGS, LAZY_AND_LOCAL));
  }

  /** Lists a library's files in a folder, the bare name first: {@code x.so}, {@code x.so.3}. */
  static List<Path> versionsOf(Path folder, String name) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(
              f -> {
                String file = f.getFileName().toString();
                return file.equals(name) || file.startsWith(name + ".");
              })
          .sorted(Comparator.comparing(f -> f.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}

package io.inferc.backend.migraphx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for MIGraphX's C library: where the system property {@value #PROPERTY} points, below {@code
 * ROCM_PATH}, in {@code /opt/rocm*}, on the loader's path and in the system's folders, in this
 * order. Where the property is set, nowhere else.
 */
final class LibrarySearch {
  /** The system property with the library's file or folder. */
  static final String PROPERTY = "inferc.migraphx.library";

  static final String SONAME = "libmigraphx_c.so.3";

  private static final List<String> NAMES = List.of(SONAME, "libmigraphx_c.so");
  private static final List<String> SYSTEM_FOLDERS =
      List.of(
          "usr/lib/x86_64-linux-gnu",
          "usr/lib/aarch64-linux-gnu",
          "usr/lib64",
          "usr/lib",
          "usr/local/lib64",
          "usr/local/lib",
          "lib/x86_64-linux-gnu",
          "lib64");

  private final @Nullable String named;
  private final List<Path> folders;

  private LibrarySearch(@Nullable String named, List<Path> folders) {
    this.named = named;
    this.folders = folders;
  }

  /** Prepares the search on this machine. */
  static LibrarySearch here() {
    return of(Path.of("/"), System.getProperty(PROPERTY), System::getenv);
  }

  /**
   * Prepares a search.
   *
   * @param root the root of the file system
   * @param named what the property says, or null
   * @param environment environment variables by name, null for those not set
   */
  static LibrarySearch of(
      Path root, @Nullable String named, UnaryOperator<@Nullable String> environment) {
    if (named != null && !named.isBlank()) {
      return new LibrarySearch(named, List.of());
    }
    Set<Path> folders = new LinkedHashSet<>();
    String rocm = environment.apply("ROCM_PATH");
    if (rocm != null && !rocm.isBlank()) {
      folders.add(Path.of(rocm, "lib"));
    }
    Path opt = root.resolve("opt");
    folders.add(opt.resolve("rocm/lib"));
    rocmFolders(opt).forEach(f -> folders.add(f.resolve("lib")));
    String loaderPath = environment.apply("LD_LIBRARY_PATH");
    if (loaderPath != null) {
      for (String entry : loaderPath.split(":", -1)) {
        if (!entry.isBlank()) {
          folders.add(Path.of(entry));
        }
      }
    }
    SYSTEM_FOLDERS.forEach(f -> folders.add(root.resolve(f)));
    return new LibrarySearch(null, List.copyOf(folders));
  }

  /** The versioned folders of ROCm, the newest first. */
  private static List<Path> rocmFolders(Path opt) {
    if (!Files.isDirectory(opt)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(opt)) {
      return entries
          .filter(f -> f.getFileName().toString().matches("rocm[-0-9].*"))
          .sorted(Comparator.comparing(LibrarySearch::versionKey).reversed())
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** The folder's name with each number padded, so that 10 comes after 9. */
  private static String versionKey(Path folder) {
    StringBuilder key = new StringBuilder();
    for (String part : folder.getFileName().toString().split("[-.]", -1)) {
      key.append(part.matches("\\d{1,9}") ? "0".repeat(9 - part.length()) + part : part);
      key.append('.');
    }
    return key.toString();
  }

  /** Returns the library's file, if there is one. */
  Optional<Path> find() {
    String explicit = named;
    if (explicit != null) {
      Path path = Path.of(explicit);
      return Files.isDirectory(path)
          ? inFolder(path)
          : Optional.of(path).filter(Files::isRegularFile).map(LibrarySearch::real);
    }
    return folders.stream().flatMap(f -> inFolder(f).stream()).findFirst();
  }

  private static Optional<Path> inFolder(Path folder) {
    return NAMES.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .map(LibrarySearch::real);
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath();
    }
  }

  /** Says where {@link #find} looked, as the object of a sentence. */
  String places() {
    if (named != null) {
      return named + ", which the system property " + PROPERTY + " names";
    }
    List<String> places = new ArrayList<>();
    folders.forEach(f -> places.add(f.toString()));
    return String.join(", ", places);
  }
}

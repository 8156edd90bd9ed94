package io.inferc.backend.openvino;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks for OpenVINO's C library in the order that the package's description gives. */
final class LibrarySearch {
  /** The system property with the library's file or folder. */
  static final String PROPERTY = "inferc.openvino.library";

  // Wheels have versioned names only; the bare name is what development packages add.
  private static final Pattern FILE =
      Pattern.compile(
          "libopenvino_c\\.so(\\.\\d+)*|libopenvino_c(\\.\\d+)*\\.dylib|openvino_c\\.dll");

  private static final List<String> BELOW_AN_INSTALLATION =
      List.of(
          "runtime/lib/intel64",
          "runtime/lib/aarch64",
          "runtime/lib/arm64",
          "runtime/lib/intel64/Release",
          "runtime/lib/arm64/Release",
          "runtime/bin/intel64/Release",
          "lib",
          "lib64",
          "libs",
          "openvino/libs",
          "");
  private static final List<String> SYSTEM_FOLDERS =
      List.of(
          "usr/local/lib",
          "usr/local/lib64",
          "usr/lib/x86_64-linux-gnu",
          "usr/lib/aarch64-linux-gnu",
          "usr/lib64",
          "usr/lib");

  private final @Nullable String named;
  private final List<Path> folders;

  private LibrarySearch(@Nullable String named, List<Path> folders) {
    this.named = named;
    this.folders = folders;
  }

  /** Prepares the search on this machine. */
  static LibrarySearch here() {
    return of(
        Path.of("/"),
        Path.of(System.getProperty("user.home", "/")),
        System.getProperty(PROPERTY),
        System::getenv);
  }

  /**
   * Prepares a search.
   *
   * @param root the root of the file system
   * @param home the user's folder
   * @param named what the property says, or null
   * @param environment environment variables by name, null for those not set
   */
  static LibrarySearch of(
      Path root, Path home, @Nullable String named, UnaryOperator<@Nullable String> environment) {
    if (named != null && !named.isBlank()) {
      return new LibrarySearch(named, List.of());
    }
    Set<Path> folders = new LinkedHashSet<>();
    for (String variable : List.of("OPENVINO_INSTALL_DIR", "INTEL_OPENVINO_DIR")) {
      paths(environment.apply(variable)).forEach(f -> addInstallation(folders, f));
    }
    pythonFolders(root, home, environment).forEach(f -> folders.add(f.resolve("openvino/libs")));
    children(root.resolve("opt/intel"), "openvino").forEach(f -> addInstallation(folders, f));
    folders.addAll(paths(environment.apply("LD_LIBRARY_PATH")));
    SYSTEM_FOLDERS.forEach(f -> folders.add(root.resolve(f)));
    return new LibrarySearch(null, List.copyOf(folders));
  }

  private static void addInstallation(Set<Path> folders, Path installation) {
    BELOW_AN_INSTALLATION.forEach(f -> folders.add(installation.resolve(f)));
  }

  private static Set<Path> pythonFolders(
      Path root, Path home, UnaryOperator<@Nullable String> environment) {
    Set<Path> packages = new LinkedHashSet<>();
    Stream.of("VIRTUAL_ENV", "CONDA_PREFIX")
        .flatMap(v -> paths(environment.apply(v)).stream())
        .forEach(prefix -> addPackages(packages, prefix.resolve("lib")));
    addPackages(packages, home.resolve(".local/lib"));
    for (Path folder : paths(environment.apply("PATH"))) {
      Path python = folder.resolve("python3");
      if (Files.isRegularFile(python)) {
        // A link in a virtual environment leads away from its packages, one elsewhere to them.
        addPackages(packages, folder.resolveSibling("lib"));
        addPackages(packages, real(python).resolve("../../lib").normalize());
      }
    }
    List<Path> pyenv = paths(environment.apply("PYENV_ROOT"));
    Path versions = (pyenv.isEmpty() ? home.resolve(".pyenv") : pyenv.get(0)).resolve("versions");
    children(versions, "").forEach(v -> addPackages(packages, v.resolve("lib")));
    addPackages(packages, root.resolve("usr/local/lib"));
    addPackages(packages, root.resolve("usr/lib"));
    return packages;
  }

  private static void addPackages(Set<Path> packages, Path lib) {
    for (Path python : children(lib, "python3")) {
      packages.add(python.resolve("site-packages"));
      packages.add(python.resolve("dist-packages"));
    }
  }

  private static List<Path> paths(@Nullable String text) {
    return text == null
        ? List.of()
        : Stream.of(text.split(File.pathSeparator, -1)).flatMap(p -> path(p).stream()).toList();
  }

  /** A path, unless the entry of somebody's environment is none. */
  private static Optional<Path> path(String text) {
    try {
      return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** The folders below one whose names begin so, the newest version first. */
  private static List<Path> children(Path folder, String beginning) {
    return sorted(folder, f -> f.startsWith(beginning), Files::isDirectory);
  }

  private static List<Path> sorted(Path folder, Predicate<String> name, Predicate<Path> kind) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(f -> name.test(f.getFileName().toString()) && kind.test(f))
          .sorted(Comparator.comparing(LibrarySearch::versionKey).reversed())
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** The name with each number padded, so that 10 comes after 9. */
  private static String versionKey(Path file) {
    StringBuilder key = new StringBuilder();
    for (String part : file.getFileName().toString().split("[-_.]|(?<=\\D)(?=\\d)", -1)) {
      key.append(part.matches("\\d{1,9}") ? "0".repeat(9 - part.length()) + part : part);
      key.append('.');
    }
    return key.toString();
  }

  /** Returns the library's file, if there is one. */
  Optional<Path> find() {
    String explicit = named;
    if (explicit == null) {
      return folders.stream().flatMap(f -> inFolder(f).stream()).findFirst();
    }
    return path(explicit)
        .flatMap(
            p ->
                Files.isRegularFile(p)
                    ? Optional.of(real(p))
                    : BELOW_AN_INSTALLATION.stream()
                        .flatMap(f -> inFolder(p.resolve(f)).stream())
                        .findFirst());
  }

  private static Optional<Path> inFolder(Path folder) {
    return sorted(folder, f -> FILE.matcher(f).matches(), Files::isRegularFile).stream()
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
    return named != null
        ? named + ", which the system property " + PROPERTY + " names"
        : String.join(", ", folders.stream().map(Path::toString).toList());
  }
}

package io.inferc.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * Files of Python packages, which the build of core fetches with pip into a folder that outlives a
 * clean build.
 *
 * <p>The system property {@code inferc.pypi.folder} says where that is, by default {@code
 * ~/.cache/inferc/pypi}. Where the files are not there a test is skipped with the reason; with
 * {@code -Dinferc.pypi.required=true} it fails.
 */
final class PyPiPackages {
  private PyPiPackages() {}

  /**
   * Looks for a file or folder.
   *
   * @param distribution a package and its version, as in core's pom.xml: onnx-1.22.0
   * @param file a path inside of it
   * @return the path on this machine, or empty if it is not there
   */
  static Optional<Path> find(String distribution, String file) {
    return Optional.of(folder().resolve(distribution).resolve(file)).filter(Files::exists);
  }

  /**
   * Returns a file or folder, or ends the test.
   *
   * @param distribution a package and its version, as in core's pom.xml: onnx-1.22.0
   * @param file a path inside of it
   * @return the path on this machine
   * @throws org.opentest4j.TestAbortedException if it is not there and need not be
   * @throws IllegalStateException if it is not there but must be
   */
  static Path require(String distribution, String file) {
    Optional<Path> path = find(distribution, file);
    if (path.isPresent()) {
      return path.get();
    }
    String reason =
        "Looked for "
            + file
            + " of the Python package "
            + distribution
            + " in "
            + folder()
            + ", but it is not there. The build of core fetches it with pip; if that fails,"
            + " core/target/pypi.log says why.";
    if (Boolean.getBoolean("inferc.pypi.required")) {
      throw new IllegalStateException(reason);
    }
    return Assumptions.abort(reason);
  }

  private static Path folder() {
    String folder = System.getProperty("inferc.pypi.folder", "");
    return folder.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "inferc", "pypi")
        : Path.of(folder);
  }
}

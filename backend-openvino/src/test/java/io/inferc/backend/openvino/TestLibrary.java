package io.inferc.backend.openvino;

import io.inferc.runtime.Target;
import io.inferc.spi.Availability;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The OpenVINO that tests run against: the one that the build has taken from the wheel, or the one
 * that is installed.
 */
final class TestLibrary {
  private static final Path FROM_THE_WHEEL = Path.of("target", "openvino", "openvino", "libs");

  private TestLibrary() {}

  /** Points the search at the wheel's libraries, unless the caller of the build chose others. */
  static void choose() {
    String chosen = System.getProperty(LibrarySearch.PROPERTY, "");
    if (chosen.isBlank() && Files.isDirectory(FROM_THE_WHEEL)) {
      System.setProperty(LibrarySearch.PROPERTY, FROM_THE_WHEEL.toAbsolutePath().toString());
    }
  }

  /** The default device, unless the caller of the build named another. */
  static Target target() {
    String device = System.getProperty("inferc.openvino.device", "");
    return device.isBlank() ? Target.openVino() : Target.openVino().device(device);
  }

  /** Loads it; where it is missing, skips the test with the reason, or fails it if so told. */
  static OpenVinoRuntime require() {
    choose();
    if (new OpenVinoProvider().probe() instanceof Availability.Unavailable u) {
      String reason = u.reason() + " " + u.remedy();
      if (Boolean.getBoolean("inferc.openvino.required")) {
        Assertions.fail(reason);
      }
      Assumptions.abort(reason);
    }
    return OpenVinoRuntime.get();
  }
}

package io.inferc.backend.openvino;

import io.inferc.runtime.Target;
import io.inferc.spi.Availability;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendProvider;
import io.inferc.spi.BackendUnavailableException;
import io.inferc.spi.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds OpenVINO's C library on the machine, in the order that the package's description gives. */
public final class OpenVinoProvider implements BackendProvider {
  private static final String INSTALL =
      "Install it with \"pip install openvino\" (2024.3 or newer; older wheels lack the C library) or"
          + " from Intel's archives (2024.0 or newer),"
          + " or start the JVM with -D"
          + LibrarySearch.PROPERTY
          + "=<the folder with libopenvino_c>.";

  /** Creates the provider; loads nothing. */
  public OpenVinoProvider() {}

  @Override
  public String name() {
    return Target.OPENVINO;
  }

  @Override
  public String displayName() {
    return "OpenVINO";
  }

  @Override
  public Availability probe() {
    return probe(LibrarySearch.here());
  }

  static Availability probe(LibrarySearch search) {
    Optional<OpenVinoRuntime> loaded = OpenVinoRuntime.ifLoaded();
    if (loaded.isPresent()) {
      return probe(loaded.get());
    }
    Optional<Path> file = search.find();
    if (file.isEmpty()) {
      return new Availability.Unavailable(
          "OpenVINO's library libopenvino_c was not found; looked in " + search.places() + ".",
          INSTALL);
    }
    try {
      return probe(OpenVinoRuntime.load(file.get()));
    } catch (LinkageError e) {
      return new Availability.Unavailable(
          "OpenVINO's library "
              + file.get()
              + " cannot be loaded: "
              + Calls.plain(String.valueOf(e.getMessage()))
              + ".",
          "Check that the file is whole, for this processor, and has the libraries it needs beside"
              + " it. "
              + INSTALL);
    } catch (CallException e) {
      return new Availability.Unavailable(
          "OpenVINO's library " + file.get() + " cannot be used: " + e.said() + ".", INSTALL);
    }
  }

  private static Availability probe(OpenVinoRuntime runtime) {
    try {
      List<Device> devices = Devices.list(runtime);
      if (devices.isEmpty()) {
        return new Availability.Unavailable(
            "OpenVINO in " + runtime.file() + " finds no device, not even the CPU.",
            "Put its plugins, such as libopenvino_intel_cpu_plugin, beside the library.");
      }
      return new Availability.Available(runtime.version(), devices);
    } catch (CallException e) {
      return new Availability.Unavailable(
          "OpenVINO in " + runtime.file() + " cannot list its devices: " + e.said() + ".", INSTALL);
    }
  }

  @Override
  public Backend open() {
    if (probe() instanceof Availability.Unavailable u) {
      throw new BackendUnavailableException(
          "Tried to open the back end 'openvino', but " + u.reason(), u.remedy(), null);
    }
    return new OpenVinoBackend(OpenVinoRuntime.get());
  }
}

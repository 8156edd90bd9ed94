package io.inferc.backend.tensorrt;

import io.inferc.runtime.Target;
import io.inferc.spi.Availability;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendProvider;
import io.inferc.spi.BackendUnavailableException;

/**
 * Finds the NVIDIA driver, a device and TensorRT.
 *
 * <p>Thread-safe.
 */
public final class TensorRtProvider implements BackendProvider {
  private static final class Shared {
    // Native libraries are loaded once in a process, so what was found is kept once as well.
    static final BytedecoLibraries LIBRARIES = new BytedecoLibraries();
    static final Probe PROBE = new Probe(LIBRARIES);

    private Shared() {}
  }

  /** Creates the provider; loads nothing. */
  public TensorRtProvider() {}

  @Override
  public String name() {
    return Target.TENSORRT;
  }

  @Override
  public String displayName() {
    return "NVIDIA TensorRT";
  }

  @Override
  public Availability probe() {
    return Shared.PROBE.run();
  }

  @Override
  public Backend open() {
    if (probe() instanceof Availability.Unavailable u) {
      throw new BackendUnavailableException(
          "Tried to open the back end 'tensorrt', but it cannot work here. " + u.reason(),
          u.remedy(),
          null);
    }
    return new TensorRtBackend(Shared.LIBRARIES);
  }
}

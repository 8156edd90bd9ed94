package io.inferc.backend.migraphx;

import io.inferc.runtime.Target;
import io.inferc.spi.Availability;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendProvider;
import io.inferc.spi.BackendUnavailableException;

/**
 * Finds AMD MIGraphX on the machine: where the system property {@code inferc.migraphx.library}
 * says, below {@code ROCM_PATH}, in {@code /opt/rocm*}, or in the system's library folders.
 */
public final class MigraphxProvider implements BackendProvider {
  /** Creates the provider; loads nothing. */
  public MigraphxProvider() {}

  @Override
  public String name() {
    return Target.MIGRAPHX;
  }

  @Override
  public String displayName() {
    return "AMD MIGraphX";
  }

  /**
   * Loads the library, if there is one, and tries it out. A GPU is listed if HIP finds it; without
   * one the reference implementation remains.
   */
  @Override
  public Availability probe() {
    try {
      MigraphxLibrary library = MigraphxLibrary.load(LibrarySearch.here());
      return new Availability.Available(library.version(), library.targets().devices());
    } catch (MigraphxLibrary.UnusableException e) {
      return new Availability.Unavailable(e.reason(), e.remedy());
    }
  }

  @Override
  public Backend open() {
    try {
      return new MigraphxBackend(MigraphxLibrary.load(LibrarySearch.here()));
    } catch (MigraphxLibrary.UnusableException e) {
      throw new BackendUnavailableException(
          "Tried to open the back end 'migraphx', but this is in the way: " + e.reason(),
          e.remedy(),
          e);
    }
  }
}

package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.fail;

import io.inferc.spi.Availability;
import org.junit.jupiter.api.Assumptions;

/** The MIGraphX of this machine, for tests that need one. */
final class RealLibrary {
  /** Set where MIGraphX must be there, so that its absence fails in place of skipping. */
  static final String REQUIRED = "inferc.migraphx.required";

  private RealLibrary() {}

  /** Returns the library; without one the test is skipped with the reason, or fails. */
  static MigraphxLibrary orSkip() {
    Availability availability = new MigraphxProvider().probe();
    if (availability instanceof Availability.Unavailable u) {
      String reason = "MIGraphX is not available here: " + u.reason() + " " + u.remedy();
      if (Boolean.getBoolean(REQUIRED)) {
        fail(reason);
      }
      Assumptions.abort(reason);
    }
    try {
      return MigraphxLibrary.load(LibrarySearch.here());
    } catch (MigraphxLibrary.UnusableException e) {
      throw new AssertionError(e);
    }
  }
}

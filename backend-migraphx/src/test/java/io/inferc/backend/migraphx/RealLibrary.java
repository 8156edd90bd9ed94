package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.fail;

import io.inferc.runtime.Target;
import io.inferc.spi.Availability;
import org.junit.jupiter.api.Assumptions;

/** The MIGraphX of this machine, for tests that need one. */
final class RealLibrary {
  /** Set where MIGraphX must be there, so that its absence fails in place of skipping. */
  static final String REQUIRED = "inferc.migraphx.required";

  /** Names the device that is tested, {@code ref} by default: see the module's README. */
  static final String DEVICE = "inferc.migraphx.device";

  /** Tests with asynchronous runs, which only GPUs have. */
  static final String ASYNCHRONOUS = "inferc.migraphx.asynchronous";

  private RealLibrary() {}

  /** Returns what is tested. */
  static Target target() {
    Target target = Target.migraphx().device(System.getProperty(DEVICE, Targets.REF));
    return Boolean.getBoolean(ASYNCHRONOUS)
        ? target.options(MigraphxOptions.builder().asynchronous(true).build())
        : target;
  }

  /** Tells whether the reference target is tested, whose arithmetic is that of the model. */
  static boolean isReference() {
    return System.getProperty(DEVICE, Targets.REF).equals(Targets.REF);
  }

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

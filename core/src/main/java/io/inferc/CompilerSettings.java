package io.inferc;

import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.execution.internal.ExecutionOptions;
import io.inferc.onnx.ModelLimits;
import io.inferc.rewrite.PassListener;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a {@link Compiler} was asked to do, with the back end that will do it. */
record CompilerSettings(
    BackendRegistry.Opened opened,
    Precision precision,
    List<ShapeProfile> profiles,
    ExecutionOptions execution,
    ProgressListener progress,
    PassListener passListener,
    Cancellation cancellation,
    Target reference,
    Isolation isolation,
    ModelLimits limits,
    Duration longestRepair,
    Optional<Verification> verification) {
  /** How long at most to look for layers that the target computes wrongly. */
  static final Duration LONGEST_REPAIR = Duration.ofMinutes(2);

  /** The same for another back end, or in another way. */
  CompilerSettings with(
      BackendRegistry.Opened other, Precision asked, Cancellation stop, Duration repair) {
    return new CompilerSettings(
        other,
        asked,
        profiles,
        execution,
        progress,
        passListener,
        stop,
        reference,
        isolation,
        limits,
        repair,
        Optional.empty());
  }
}

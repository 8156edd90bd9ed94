package io.inferc.backend.openvino;

import io.inferc.backend.openvino.OpenVinoOptions.InferencePrecision;
import io.inferc.backend.openvino.OpenVinoOptions.PerformanceHint;
import io.inferc.runtime.Target;
import io.inferc.spi.ProcessorShare;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The options that may make a model faster than those that OpenVINO chooses for a processor. */
final class Tunings {
  // From so many processors on, half of them may be the better.
  private static final int MANY = 8;
  private static final String BF16 = "BF16";
  private static final String HYPER_THREADING = "ENABLE_HYPER_THREADING";

  private Tunings() {}

  /**
   * Varies what a choice leaves open.
   *
   * @param callers how many requests run at once
   * @param share the processors there are
   */
  static List<Target.Choice> of(
      Target.Choice choice, Devices.Resolved device, int callers, ProcessorShare share) {
    if (!device.name().equals(Devices.CPU)) {
      return List.of();
    }
    OpenVinoOptions options = Settings.options(choice);
    Map<String, String> set = options.describe();
    boolean threadsOpen =
        !set.containsKey(OpenVinoOptions.THREADS_KEY)
            && !set.containsKey(OpenVinoOptions.STREAMS_KEY);
    List<OpenVinoOptions> varied = new ArrayList<>();
    if (callers > 1 && !set.containsKey(OpenVinoOptions.HINT_KEY)) {
      varied.add(options.toBuilder().performanceHint(PerformanceHint.THROUGHPUT).build());
    }
    if (callers > 1 && threadsOpen && share.available() > 1) {
      varied.add(options.toBuilder().streams(Math.min(callers, share.available())).build());
    }
    // What is not in integers may then be computed in bfloat16, which the model's answers must
    // bear.
    if (device.capabilities().contains(BF16) && !set.containsKey(OpenVinoOptions.PRECISION_KEY)) {
      varied.add(options.toBuilder().inferencePrecision(InferencePrecision.BF16).build());
    }
    boolean twoEach = share.cores().isPresent() && share.cores().getAsInt() < share.available();
    if (callers == 1 && threadsOpen && twoEach && !set.containsKey(HYPER_THREADING)) {
      varied.add(options.toBuilder().property(HYPER_THREADING, "YES").build());
    }
    if (callers == 1 && threadsOpen && share.available() >= MANY) {
      varied.add(options.toBuilder().threads(share.available() / 2).build());
    }
    return varied.stream()
        .map(o -> new Target.Choice(choice.backend(), choice.device(), Optional.of(o)))
        .toList();
  }
}

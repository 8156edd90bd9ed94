package io.inferc.backend.onnxruntime;

import io.inferc.backend.onnxruntime.OnnxRuntimeOptions.Optimization;
import io.inferc.runtime.Target;
import io.inferc.spi.ProcessorShare;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The options that may make a model faster than those that ONNX Runtime chooses. */
final class Tunings {
  // From so many threads on, half as many may be the better.
  private static final int MANY = 8;

  private Tunings() {}

  /**
   * Adds CUDA, if the runtime was built with it and the user leaves the provider open. What runs by
   * TensorRT, OpenVINO and MIGraphX, back ends of their own do better.
   *
   * @param available the providers' short names
   */
  static List<Target.Choice> places(Target.Choice choice, List<String> available) {
    OnnxRuntimeOptions options = SessionSettings.options(choice);
    boolean open = options.providers().isEmpty() && choice.device().isEmpty();
    if (!open || !available.contains(Providers.CUDA)) {
      return List.of(choice);
    }
    OnnxRuntimeOptions onGpu =
        options.toBuilder().provider(ExecutionProvider.cuda(0).build()).build();
    return List.of(
        choice, new Target.Choice(choice.backend(), choice.device(), Optional.of(onGpu)));
  }

  /**
   * Varies what a choice leaves open.
   *
   * @param callers how many requests run at once
   * @param share the processors there are
   */
  static List<Target.Choice> of(Target.Choice choice, int callers, ProcessorShare share) {
    OnnxRuntimeOptions options = SessionSettings.options(choice);
    boolean onCpu = options.providers().stream().allMatch(p -> p.name().equals(Providers.CPU));
    List<OnnxRuntimeOptions> varied = new ArrayList<>();
    SessionThreads threads = options.threads();
    if (onCpu && threads.intraOp().isEmpty() && threads.sharedPool().isEmpty()) {
      for (int count : counts(callers, share)) {
        OnnxRuntimeOptions.Builder other = options.toBuilder().intraOpThreads(count);
        if (callers > 1 && threads.spinning().isEmpty()) {
          other.spinning(false);
        }
        varied.add(other.build());
      }
    }
    if (options.optimization().isEmpty()) {
      varied.add(options.toBuilder().optimization(Optimization.EXTENDED).build());
    }
    return varied.stream()
        .map(o -> new Target.Choice(choice.backend(), choice.device(), Optional.of(o)))
        .toList();
  }

  /** How many threads a run may be divided among, beside what ONNX Runtime takes: the cores. */
  private static Set<Integer> counts(int callers, ProcessorShare share) {
    int all = share.available();
    int usual = share.threads().orElse(share.cores().orElse(all));
    Set<Integer> counts = new LinkedHashSet<>();
    if (callers > 1) {
      counts.add(Math.max(1, all / callers));
    }
    counts.add(all);
    if (all >= MANY) {
      counts.add(all / 2);
    }
    counts.add(1);
    counts.remove(usual);
    return counts;
  }
}

package io.inferc.backend.openvino;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.Target;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionPlan;
import io.inferc.spi.ProcessorShare;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Turns our options and the precision into OpenVINO's properties. */
final class Settings {
  private static final int LEAST_THREADS = 2;

  private Settings() {}

  static OpenVinoOptions options(Target.Choice choice) {
    return choice
        .options()
        .map(
            o -> {
              if (o instanceof OpenVinoOptions own) {
                return own;
              }
              throw new IllegalArgumentException(
                  "Tried to use "
                      + o.getClass().getName()
                      + " with the back end 'openvino'; it takes OpenVinoOptions.");
            })
        .orElseGet(OpenVinoOptions::defaults);
  }

  /** The properties to compile with. */
  static SortedMap<String, String> properties(
      Target.Choice choice, Devices.Resolved device, PrecisionPlan precision) {
    SortedMap<String, String> properties = new TreeMap<>(options(choice).describe());
    if (!properties.containsKey(OpenVinoOptions.PRECISION_KEY)) {
      hint(device, precision).ifPresent(h -> properties.put(OpenVinoOptions.PRECISION_KEY, h));
    }
    return properties;
  }

  /**
   * Adds how many threads there are for this process on this machine, which is not for keeping with
   * a saved model. OpenVINO heeds the processors that a process is bound to, but no quota of time;
   * and it makes no more streams than there are threads, so whoever sets streams sets both.
   */
  static Map<String, String> withThreads(String device, Map<String, String> properties) {
    return withThreads(device, properties, ProcessorShare.here().threadsOfQuota());
  }

  static Map<String, String> withThreads(
      String device, Map<String, String> properties, OptionalInt share) {
    if (!device.equals(Devices.CPU)
        || share.isEmpty()
        || properties.containsKey(OpenVinoOptions.THREADS_KEY)
        || properties.containsKey(OpenVinoOptions.STREAMS_KEY)) {
      return properties;
    }
    SortedMap<String, String> here = new TreeMap<>(properties);
    // On one thread a run that fails may damage OpenVINO's memory.
    here.put(
        OpenVinoOptions.THREADS_KEY, Integer.toString(Math.max(LEAST_THREADS, share.getAsInt())));
    return here;
  }

  /** Without a hint a processor with bfloat16 would use it for a model in single precision. */
  private static Optional<String> hint(Devices.Resolved device, PrecisionPlan plan) {
    if (plan.precision() == NumericPrecision.FP16) {
      return Optional.of("f16");
    }
    if (plan.precision() == NumericPrecision.BF16) {
      return Optional.of("bf16");
    }
    // Some NPUs have no single precision at all and refuse to be asked for it.
    return device.capabilities().contains("FP32") ? Optional.of("f32") : Optional.empty();
  }

  /**
   * Checks that the device has the precision that the options ask for.
   *
   * @throws InfercException if it has not
   */
  static void check(Target.Choice choice, Devices.Resolved device) {
    Optional<String> asked = options(choice).inferencePrecision();
    if (asked.isEmpty()) {
      return;
    }
    String word = asked.get().replaceFirst("^f", "fp").toUpperCase(Locale.ROOT);
    Set<String> had = device.capabilities();
    if (!had.contains(word)) {
      throw new InfercException(
          Stage.COMPILE,
          "Tried to use the inference precision "
              + word
              + " on the OpenVINO device '"
              + device.name()
              + "', but it has "
              + had.stream().sorted().toList()
              + ".",
          "Leave the inference precision out, or choose one of these.");
    }
  }
}

package io.inferc.backend.openvino;

import io.inferc.spi.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** OpenVINO's devices, and the words that put several of them together. */
final class Devices {
  static final String CPU = "CPU";
  private static final Set<String> COMPOSITE = Set.of("AUTO", "MULTI", "HETERO", "BATCH");

  private Devices() {}

  /**
   * What a device's text stands for.
   *
   * @param name the text as OpenVINO takes it
   * @param parts the devices it may run on, at least one
   * @param capabilities what all of these can do, in OpenVINO's words, such as {@code BF16}
   */
  record Resolved(String name, List<String> parts, Set<String> capabilities) {
    Resolved {
      parts = List.copyOf(parts);
      capabilities = Set.copyOf(capabilities);
    }

    /** Whether it is one device, not a composition. */
    boolean isPlain() {
      return parts.size() == 1 && parts.get(0).equals(name);
    }
  }

  /** Lists the devices for a probe, the default first. */
  static List<Device> list(OpenVinoRuntime runtime) {
    List<Device> devices = new ArrayList<>();
    for (String id : present(runtime)) {
      devices.add(new Device(id, fullName(runtime, id), OptionalLong.empty(), false));
    }
    return devices;
  }

  /** The devices there are, the CPU first: it is what every machine has, and the default. */
  private static List<String> present(OpenVinoRuntime runtime) {
    List<String> present = new ArrayList<>(runtime.devices());
    if (present.remove(CPU)) {
      present.add(0, CPU);
    }
    return present;
  }

  /** The device's own name, such as that of the processor. */
  static String fullName(OpenVinoRuntime runtime, String device) {
    try {
      return runtime.property(device, "FULL_DEVICE_NAME").strip();
    } catch (CallException e) {
      return device;
    }
  }

  /**
   * Finds what a target's device stands for.
   *
   * @throws IllegalArgumentException if there is no such device; the message lists those there are
   */
  static Resolved resolve(OpenVinoRuntime runtime, Optional<String> device) {
    List<String> present = present(runtime);
    String name = device.orElse(present.get(0));
    int colon = name.indexOf(':');
    String first = colon < 0 ? name : name.substring(0, colon);
    List<String> parts = new ArrayList<>();
    if (COMPOSITE.contains(first)) {
      if (colon < 0) {
        parts.addAll(present);
      } else {
        Arrays.stream(name.substring(colon + 1).split(",", -1)).forEach(parts::add);
      }
    } else {
      parts.add(name);
    }
    List<String> found = new ArrayList<>();
    for (String part : parts) {
      // "-GPU" leaves a device out and "GPU(4)" sets its batch.
      String plain = part.strip().replaceFirst("^-", "").replaceFirst("\\(\\d+\\)$", "");
      if (!isPresent(plain, present)) {
        throw unknown(name, plain, present);
      }
      if (!part.strip().startsWith("-")) {
        found.add(plain);
      }
    }
    if (found.isEmpty()) {
      found.addAll(present);
    }
    return new Resolved(name, found, capabilities(runtime, found));
  }

  private static boolean isPresent(String part, List<String> present) {
    // With several GPUs, "GPU" is the first of "GPU.0" and "GPU.1".
    return present.contains(part)
        || (!part.isEmpty() && present.stream().anyMatch(p -> p.startsWith(part + ".")))
        || (part.endsWith(".0") && present.contains(part.substring(0, part.length() - 2)));
  }

  private static IllegalArgumentException unknown(String name, String part, List<String> present) {
    return new IllegalArgumentException(
        "Tried to use the OpenVINO device '"
            + name
            + (part.equals(name) ? "" : "' with '" + part)
            + "', but the devices here are "
            + present
            + ". Use one of these, or compose them with "
            + new TreeSet<>(COMPOSITE)
            + ", for example \"AUTO:"
            + String.join(",", present)
            + "\".");
  }

  private static Set<String> capabilities(OpenVinoRuntime runtime, List<String> devices) {
    Set<String> common = null;
    for (String device : devices) {
      Set<String> own = new LinkedHashSet<>();
      try {
        String text = runtime.property(device, "OPTIMIZATION_CAPABILITIES");
        for (String word : text.strip().split("[\\s,]+", -1)) {
          own.add(word.toUpperCase(Locale.ROOT));
        }
      } catch (CallException e) {
        own.add("FP32");
      }
      if (common == null) {
        common = own;
      } else {
        common.retainAll(own);
      }
    }
    return common == null ? Set.of() : common;
  }
}

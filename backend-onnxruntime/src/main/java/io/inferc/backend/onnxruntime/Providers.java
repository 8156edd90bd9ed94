package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtEpDevice;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.spi.BackendUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Puts execution providers into session options, after checking that they are there. */
final class Providers {
  private static final Map<String, String> BRINGERS =
      Map.of(
          "cuda",
          "the artifact com.microsoft.onnxruntime:onnxruntime_gpu instead of onnxruntime",
          "tensorrt",
          "the artifact com.microsoft.onnxruntime:onnxruntime_gpu instead of onnxruntime",
          "openvino",
          "an ONNX Runtime built with OpenVINO, or its plugin library with"
              + " ExecutionProvider.plugin(…); inferc's own OpenVINO back end needs neither",
          "migraphx",
          "an ONNX Runtime built with MIGraphX, or its plugin library with"
              + " ExecutionProvider.plugin(…); inferc's own MIGraphX back end needs neither");

  static final String CPU = "cpu";
  static final String CUDA = "cuda";

  private static final String TF32 = "use_tf32";

  private Providers() {}

  /**
   * The devices that providers run on, for example {@code cuda:1}; the CPU where there are none.
   */
  static String describe(List<ExecutionProvider> providers) {
    String text =
        providers.stream()
            .filter(p -> !p.name().equals(CPU))
            .map(Providers::describe)
            .collect(Collectors.joining(" "));
    return text.isEmpty() ? CPU : text;
  }

  private static String describe(ExecutionProvider provider) {
    String device =
        provider
            .options()
            .getOrDefault("device_id", provider.options().getOrDefault("device_type", ""));
    return shortName(provider.name()) + (device.isEmpty() ? "" : ":" + device);
  }

  /** The name without the suffix that all of them have. */
  static String shortName(OrtProvider provider) {
    return shortName(provider.getName());
  }

  private static String shortName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith("executionprovider")
        ? lower.substring(0, lower.length() - "executionprovider".length())
        : lower;
  }

  static List<String> available() {
    return OrtEnvironment.getAvailableProviders().stream().map(Providers::shortName).toList();
  }

  /**
   * The providers to use, in order, without the CPU that comes last: the one that a device text
   * such as {@code cuda:1} means first, with the options that it has among those asked for.
   */
  static List<ExecutionProvider> resolve(Optional<String> device, List<ExecutionProvider> asked) {
    List<ExecutionProvider> providers = new ArrayList<>(asked);
    if (device.isEmpty()) {
      return providers;
    }
    String text = device.get();
    int colon = text.indexOf(':');
    String name = shortName(colon < 0 ? text : text.substring(0, colon));
    String part = colon < 0 ? "" : text.substring(colon + 1);
    if (name.equals(CPU)) {
      if (colon >= 0) {
        throw new IllegalArgumentException(
            "Tried to use the device '"
                + text
                + "' of ONNX Runtime, but the CPU is one device without a number. Write 'cpu'.");
      }
      return providers;
    }
    String key = name.equals("openvino") ? "device_type" : "device_id";
    if (key.equals("device_id") && !part.matches("\\d{0,9}")) {
      throw new IllegalArgumentException(
          "Tried to use the device '"
              + text
              + "' of ONNX Runtime, but after the colon stands no number. Write for example '"
              + name
              + ":0'.");
    }
    for (ExecutionProvider provider : asked) {
      if (shortName(provider.name()).equals(name)) {
        providers.remove(provider);
        providers.add(0, part.isEmpty() ? provider : onDevice(provider, key, part, text));
        return providers;
      }
    }
    requireAvailable(text, name);
    providers.add(0, ExecutionProvider.of(name, part.isEmpty() ? Map.of() : Map.of(key, part)));
    return providers;
  }

  private static ExecutionProvider onDevice(
      ExecutionProvider provider, String key, String part, String device) {
    TreeMap<String, String> options = new TreeMap<>(provider.options());
    String former = options.putIfAbsent(key, part);
    if (former != null && !former.equals(part)) {
      throw new IllegalArgumentException(
          "Tried to use the device '"
              + device
              + "' of ONNX Runtime with an execution provider whose "
              + key
              + " is "
              + former
              + ". Name the device once.");
    }
    return new ExecutionProvider(provider.name(), options, provider.library());
  }

  /** The same with TF32 where CUDA computes, unless the options say that it must not. */
  static List<ExecutionProvider> withTf32(List<ExecutionProvider> providers) {
    return providers.stream().map(Providers::withTf32).toList();
  }

  static boolean isCuda(ExecutionProvider provider) {
    return shortName(provider.name()).equals(CUDA);
  }

  private static ExecutionProvider withTf32(ExecutionProvider provider) {
    if (!isCuda(provider)) {
      return provider;
    }
    TreeMap<String, String> options = new TreeMap<>(provider.options());
    if ("0".equals(options.put(TF32, "1"))) {
      throw new IllegalArgumentException(
          "Tried to compile at TF32 with an execution provider whose "
              + TF32
              + " is 0. Leave that out, or compile at FP32.");
    }
    return new ExecutionProvider(provider.name(), options, provider.library());
  }

  private static void requireAvailable(String device, String name) {
    List<String> available = available();
    if (!available.contains(name)) {
      throw new IllegalArgumentException(
          "Tried to use the device '"
              + device
              + "' of ONNX Runtime, but the loaded library has the devices "
              + available
              + ". Choose one of these"
              + (BRINGERS.containsKey(name) ? ", or use " + BRINGERS.get(name) : "")
              + ".");
    }
  }

  private static void requireLibrary(ExecutionProvider provider, Path library) {
    if (!Files.isRegularFile(library)) {
      throw new BackendUnavailableException(
          "Tried to load the execution provider '"
              + provider.name()
              + "' from "
              + library
              + (Files.exists(library)
                  ? ", but that is a folder, a pipe or a device."
                  : ", but there is no such file."),
          "Correct the path of the plugin library.",
          null);
    }
  }

  private static BackendUnavailableException lacking(ExecutionProvider provider) {
    return new BackendUnavailableException(
        "Tried to use the execution provider '"
            + provider.name()
            + "', but the loaded ONNX Runtime has only "
            + available()
            + ".",
        "Use "
            + BRINGERS.getOrDefault(
                shortName(provider.name()),
                "an ONNX Runtime built with it, or its plugin library with"
                    + " ExecutionProvider.plugin(…)")
            + ".",
        null);
  }

  static void add(OrtEnvironment environment, SessionOptions options, ExecutionProvider provider)
      throws OrtException {
    if (provider.library().isPresent()) {
      Path library = provider.library().get();
      requireLibrary(provider, library);
      Plugins.load(environment, provider.name(), library);
      addDevice(environment, options, provider);
      return;
    }
    Map<String, String> settings = provider.options();
    String name = shortName(provider.name());
    if (!available().contains(name)) {
      // The application may have registered a plugin library of its own.
      if (devices(environment, provider).isEmpty()) {
        throw lacking(provider);
      }
      addDevice(environment, options, provider);
      return;
    }
    switch (name) {
      case "cpu" -> options.addCPU(true);
      case CUDA -> {
        try (OrtCUDAProviderOptions o = new OrtCUDAProviderOptions()) {
          for (Map.Entry<String, String> e : settings.entrySet()) {
            o.add(e.getKey(), e.getValue());
          }
          if (!settings.containsKey(TF32)) {
            // ONNX Runtime has it on, but single precision is what the model says.
            o.add(TF32, "0");
          }
          options.addCUDA(o);
        }
      }
      case "tensorrt" -> {
        try (OrtTensorRTProviderOptions o = new OrtTensorRTProviderOptions()) {
          for (Map.Entry<String, String> e : settings.entrySet()) {
            o.add(e.getKey(), e.getValue());
          }
          options.addTensorrt(o);
        }
      }
      case "openvino" -> {
        requireOnly(provider, Set.of("device_type"));
        options.addOpenVINO(settings.getOrDefault("device_type", "CPU"));
      }
      case "xnnpack" -> options.addXnnpack(settings);
      case "qnn" -> options.addQnn(settings);
      case "coreml" -> options.addCoreML(settings);
      case "webgpu" -> options.addWebGPU(settings);
      case "dnnl" -> {
        requireOnly(provider, Set.of());
        options.addDnnl(true);
      }
      case "acl" -> {
        requireOnly(provider, Set.of());
        options.addACL(true);
      }
      case "nnapi" -> {
        requireOnly(provider, Set.of());
        options.addNnapi();
      }
      case "dml" -> {
        requireOnly(provider, Set.of("device_id"));
        options.addDirectML(deviceNumber(provider));
      }
      case "rocm" -> {
        requireOnly(provider, Set.of("device_id"));
        options.addROCM(deviceNumber(provider));
      }
      default -> addDevice(environment, options, provider);
    }
  }

  /** Refuses options that the Java API has no way to pass, since they would be lost silently. */
  static void requireOnly(ExecutionProvider provider, Set<String> passable) {
    Set<String> lost = new TreeSet<>(provider.options().keySet());
    lost.removeAll(passable);
    if (!lost.isEmpty()) {
      throw new InfercException(
          Stage.COMPILE,
          "Tried to set "
              + lost
              + " of the execution provider '"
              + provider.name()
              + "', but to the one that is built in, ONNX Runtime's Java API passes "
              + (passable.isEmpty() ? "no options" : "only " + passable)
              + ".",
          "Leave them out, or load the provider's plugin library with"
              + " ExecutionProvider.plugin(…), which takes all options.");
    }
  }

  private static int deviceNumber(ExecutionProvider provider) {
    String number = provider.options().getOrDefault("device_id", "0");
    try {
      return Integer.parseUnsignedInt(number);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Tried to choose device '"
              + number
              + "' of the execution provider '"
              + provider.name()
              + "'; device_id takes a number from 0.",
          e);
    }
  }

  private static List<OrtEpDevice> devices(OrtEnvironment environment, ExecutionProvider provider)
      throws OrtException {
    return environment.getEpDevices().stream()
        .filter(d -> shortName(d.getEpName()).equals(shortName(provider.name())))
        .toList();
  }

  /** Chooses among the devices that ONNX Runtime itself lists, which plugins add theirs to. */
  private static void addDevice(
      OrtEnvironment environment, SessionOptions options, ExecutionProvider provider)
      throws OrtException {
    List<OrtEpDevice> matching = devices(environment, provider);
    if (matching.isEmpty()) {
      throw new BackendUnavailableException(
          "Tried to use the execution provider '"
              + provider.name()
              + "', but it offers no device here; devices are offered by "
              + environment.getEpDevices().stream().map(OrtEpDevice::getEpName).toList()
              + ".",
          "Check that the hardware and its driver are there"
              + (provider.library().isPresent()
                  ? ", and that the library registers devices under this name."
                  : "."),
          null);
    }
    TreeMap<String, String> settings = new TreeMap<>(provider.options());
    settings.remove("device_id");
    int index = deviceNumber(provider);
    if (index >= matching.size()) {
      throw new BackendUnavailableException(
          "Tried to use device "
              + index
              + " of the execution provider '"
              + provider.name()
              + "', but it offers "
              + matching.size()
              + ".",
          "Choose a number below that.",
          null);
    }
    options.addExecutionProvider(List.of(matching.get(index)), settings);
  }
}

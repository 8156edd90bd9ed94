package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtEpDevice;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import io.inferc.spi.BackendUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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

  private Providers() {}

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

  /** The provider that a device text such as {@code cuda:1} means; empty for the CPU. */
  static Optional<ExecutionProvider> forDevice(String device) {
    String lower = device.toLowerCase(Locale.ROOT);
    if (lower.equals("cpu")) {
      return Optional.empty();
    }
    int colon = lower.indexOf(':');
    String name = colon < 0 ? lower : lower.substring(0, colon);
    if (!available().contains(name)) {
      throw new IllegalArgumentException(
          "Tried to use the device '"
              + device
              + "' of ONNX Runtime, but the loaded library has the devices "
              + available()
              + ". Choose one of these"
              + (BRINGERS.containsKey(name) ? ", or use " + BRINGERS.get(name) : "")
              + ".");
    }
    String rest = colon < 0 ? "" : device.substring(colon + 1);
    if (name.equals("openvino")) {
      return Optional.of(ExecutionProvider.openVino(rest.isEmpty() ? "CPU" : rest).build());
    }
    if (!rest.matches("\\d*")) {
      throw new IllegalArgumentException(
          "Tried to use the device '"
              + device
              + "' of ONNX Runtime, but after the colon stands no number. Write for example '"
              + name
              + ":0'.");
    }
    return Optional.of(
        ExecutionProvider.of(name, rest.isEmpty() ? Map.of() : Map.of("device_id", rest)));
  }

  /** Refuses a provider that the loaded library lacks. */
  static void check(ExecutionProvider provider) {
    if (provider.library().isPresent()) {
      Path library = provider.library().get();
      if (!Files.isRegularFile(library)) {
        throw new BackendUnavailableException(
            "Tried to load the execution provider '"
                + provider.name()
                + "' from "
                + library
                + ", but there is no such file.",
            "Correct the path of the plugin library.",
            null);
      }
    } else if (!available().contains(shortName(provider.name()))) {
      throw new BackendUnavailableException(
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
  }

  static void add(OrtEnvironment environment, SessionOptions options, ExecutionProvider provider)
      throws OrtException {
    check(provider);
    if (provider.library().isPresent()) {
      addPlugin(environment, options, provider, provider.library().get());
      return;
    }
    Map<String, String> settings = provider.options();
    String name = shortName(provider.name());
    switch (name) {
      case "cpu" -> options.addCPU(true);
      case "cuda" -> {
        try (OrtCUDAProviderOptions o = new OrtCUDAProviderOptions()) {
          for (Map.Entry<String, String> e : settings.entrySet()) {
            o.add(e.getKey(), e.getValue());
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
      case "openvino" -> options.addOpenVINO(settings.getOrDefault("device_type", "CPU"));
      case "xnnpack" -> options.addXnnpack(settings);
      case "qnn" -> options.addQnn(settings);
      case "coreml" -> options.addCoreML(settings);
      case "webgpu" -> options.addWebGPU(settings);
      case "dnnl" -> options.addDnnl(true);
      case "acl" -> options.addACL(true);
      case "dml" -> options.addDirectML(Integer.parseInt(settings.getOrDefault("device_id", "0")));
      default -> addBuiltInDevice(environment, options, provider);
    }
  }

  private static void addPlugin(
      OrtEnvironment environment, SessionOptions options, ExecutionProvider provider, Path library)
      throws OrtException {
    try {
      environment.registerExecutionProviderLibrary(provider.name(), library.toString());
    } catch (OrtException e) {
      // A second model of the process finds the library registered; anything else is told.
      if (!String.valueOf(e.getMessage()).contains("already")) {
        throw new BackendUnavailableException(
            "Tried to load the execution provider '"
                + provider.name()
                + "' from "
                + library
                + ", but ONNX Runtime refused it: "
                + e.getMessage()
                + ".",
            "Use a plugin library built for this version of ONNX Runtime, with everything it links"
                + " to on the loader's path.",
            e);
      }
    }
    addBuiltInDevice(environment, options, provider);
  }

  /** Chooses among the devices that ONNX Runtime itself lists, which plugins add theirs to. */
  private static void addBuiltInDevice(
      OrtEnvironment environment, SessionOptions options, ExecutionProvider provider)
      throws OrtException {
    List<OrtEpDevice> matching = new ArrayList<>();
    List<String> all = new ArrayList<>();
    for (OrtEpDevice device : environment.getEpDevices()) {
      all.add(device.getEpName());
      if (shortName(device.getEpName()).equals(shortName(provider.name()))) {
        matching.add(device);
      }
    }
    if (matching.isEmpty()) {
      throw new BackendUnavailableException(
          "Tried to use the execution provider '"
              + provider.name()
              + "', but it offers no device here; devices are offered by "
              + all
              + ".",
          "Check that the hardware and its driver are there"
              + (provider.library().isPresent()
                  ? ", and that the library registers devices under this name."
                  : "."),
          null);
    }
    TreeMap<String, String> settings = new TreeMap<>(provider.options());
    String number = settings.remove("device_id");
    int index = number == null ? 0 : Integer.parseInt(number);
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

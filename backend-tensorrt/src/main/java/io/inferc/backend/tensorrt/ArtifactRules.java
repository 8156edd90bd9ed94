package io.inferc.backend.tensorrt;

import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Fingerprint;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an engine depends on, and whether one fits a machine. */
final class ArtifactRules {
  static final String GPU = "gpu";
  static final String COMPUTE_CAPABILITY = "compute_capability";
  static final String CUDA = "cuda";
  static final String HARDWARE = "hardware_compatibility";
  static final String VERSIONS = "version_compatible";

  private static final int AMPERE = 8;
  private static final Pattern NUMBER = Pattern.compile("\\d{1,6}");

  private ArtifactRules() {}

  /**
   * Describes an engine that is built here.
   *
   * @param gpu the device
   * @param tensorRt the library's version
   * @param cuda the CUDA runtime's version, for example 12060
   * @param options the options
   */
  static Fingerprint fingerprint(
      GpuInfo gpu, TensorRtVersion tensorRt, int cuda, TensorRtOptions options) {
    Map<String, String> properties = new TreeMap<>();
    properties.put(GPU, gpu.name());
    properties.put(COMPUTE_CAPABILITY, gpu.computeCapability());
    properties.put(CUDA, cuda / 1000 + "." + cuda % 1000 / 10);
    properties.put(HARDWARE, options.hardwareCompatibility().name());
    properties.put(VERSIONS, Boolean.toString(options.versionCompatible()));
    return Fingerprint.of(Target.TENSORRT, tensorRt.toString(), gpu.name(), properties);
  }

  /** Compares what an engine depends on with what is here. */
  static ArtifactCheck check(Fingerprint saved, Fingerprint here) {
    if (!saved.backend().equals(here.backend())) {
      return refused("It was compiled by the back end '" + saved.backend() + "'");
    }
    boolean anyVersion = Boolean.parseBoolean(property(saved, VERSIONS));
    if (anyVersion ? !serves(saved, here) : !saved.backendVersion().equals(here.backendVersion())) {
      return refused(
          "It was built by TensorRT "
              + saved.backendVersion()
              + " and this is "
              + here.backendVersion());
    }
    if (!anyVersion && !property(saved, CUDA).equals(property(here, CUDA))) {
      return refused(
          "It was built with CUDA "
              + property(saved, CUDA)
              + " and this is "
              + property(here, CUDA));
    }
    return checkGpu(saved, here);
  }

  private static ArtifactCheck checkGpu(Fingerprint saved, Fingerprint here) {
    String then = property(saved, COMPUTE_CAPABILITY);
    String now = property(here, COMPUTE_CAPABILITY);
    String both =
        "It was built for "
            + property(saved, GPU)
            + " (compute capability "
            + then
            + ") and this is "
            + property(here, GPU)
            + " ("
            + now
            + ")";
    boolean fits =
        switch (hardware(saved)) {
          case AMPERE_PLUS -> major(now) >= AMPERE;
          case SAME_COMPUTE_CAPABILITY -> then.equals(now);
          case NONE -> then.equals(now) && property(saved, GPU).equals(property(here, GPU));
        };
    return fits ? new ArtifactCheck.Fits() : refused(both);
  }

  private static HardwareCompatibility hardware(Fingerprint saved) {
    try {
      return HardwareCompatibility.valueOf(property(saved, HARDWARE));
    } catch (IllegalArgumentException e) {
      return HardwareCompatibility.NONE;
    }
  }

  /** Whether this version is a later one with the same major number. */
  private static boolean serves(Fingerprint saved, Fingerprint here) {
    int[] then = numbers(saved.backendVersion());
    int[] now = numbers(here.backendVersion());
    for (int i = 1; i < then.length; i++) {
      if (then[i] != now[i]) {
        return then[0] == now[0] && now[i] > then[i];
      }
    }
    return then[0] == now[0];
  }

  private static int[] numbers(String version) {
    int[] numbers = new int[3];
    Matcher part = NUMBER.matcher(version);
    for (int i = 0; i < numbers.length && part.find(); i++) {
      numbers[i] = Integer.parseInt(part.group());
    }
    return numbers;
  }

  private static int major(String computeCapability) {
    return numbers(computeCapability)[0];
  }

  private static String property(Fingerprint fingerprint, String key) {
    return fingerprint.properties().getOrDefault(key, "unknown");
  }

  private static ArtifactCheck refused(String reason) {
    return new ArtifactCheck.Refused(
        reason + ".",
        "Compile the source model here, with Compiler.forTarget(Target.tensorRt()), and save it"
            + " again.");
  }
}

package io.inferc.backend.migraphx;

import io.inferc.spi.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the found MIGraphX can compile for: the GPUs, the CPU where its target was built, and the
 * reference implementation.
 */
final class Targets {
  static final String GPU = "gpu";
  static final String CPU = "cpu";
  static final String REF = "ref";

  private final List<Device> devices;
  private final Map<String, String> absent;
  private final Optional<Hip> hip;

  private Targets(List<Device> devices, Map<String, String> absent, Optional<Hip> hip) {
    this.devices = devices;
    this.absent = absent;
    this.hip = hip;
  }

  /**
   * One target of MIGraphX.
   *
   * @param name what MIGraphX calls it
   * @param device the device
   * @param gpu the GPU's number, or -1 for none
   */
  record Choice(String name, Device device, int gpu) {
    boolean isGpu() {
      return gpu >= 0;
    }
  }

  /**
   * Looks for targets, without creating any: MIGraphX would print what it lacks.
   *
   * @param files the libraries of the targets
   * @param driver the kernel's door to the GPUs
   */
  static Targets find(TargetFiles files, Path driver) {
    List<Device> devices = new ArrayList<>();
    Map<String, String> absent = new LinkedHashMap<>();
    Optional<Hip> hip = Optional.empty();
    Optional<Path> gpu = files.of(GPU);
    if (gpu.isEmpty()) {
      absent.put(GPU, "this MIGraphX was installed without its GPU target");
    } else {
      Hip.Found found = Hip.find(gpu.get(), driver);
      if (found instanceof Hip.Found.Gpus gpus) {
        devices.addAll(gpus.hip().devices());
        hip = Optional.of(gpus.hip());
      } else if (found instanceof Hip.Found.None none) {
        absent.put(GPU, none.reason());
      }
    }
    if (files.of(CPU).isPresent()) {
      devices.add(new Device(CPU, "CPU (oneDNN)", OptionalLong.empty(), false));
    } else {
      absent.put(CPU, "this MIGraphX was built without its CPU target");
    }
    if (files.of(REF).isPresent()) {
      devices.add(
          new Device(REF, "MIGraphX's reference implementation", OptionalLong.empty(), true));
    } else {
      absent.put(REF, "this MIGraphX was installed without its reference target");
    }
    return new Targets(List.copyOf(devices), absent, hip);
  }

  /** All devices, the default first. */
  List<Device> devices() {
    return devices;
  }

  Optional<Hip> hip() {
    return hip;
  }

  /** Why there is no such target, if its name is one of MIGraphX's. */
  Optional<String> absence(String name) {
    String target = name.contains(":") ? name.substring(0, name.indexOf(':')) : name;
    return Optional.ofNullable(absent.get(target));
  }

  /** Finds the target of a device's name; "gpu" is the first GPU. */
  Optional<Choice> choose(String name) {
    String id = name.equals(GPU) ? GPU + ":0" : name;
    return devices.stream()
        .filter(d -> d.id().equals(id))
        .findFirst()
        .map(
            d ->
                d.id().startsWith(GPU + ":")
                    ? new Choice(GPU, d, Integer.parseInt(d.id().substring(GPU.length() + 1)))
                    : new Choice(d.id(), d, -1));
  }

  /** Finds the libraries of targets beside the C library. */
  @FunctionalInterface
  interface TargetFiles {
    /** Returns the file of a target's library, if there is one. */
    Optional<Path> of(String target);

    /** Looks in the folder of the C library and where distributions put MIGraphX's own. */
    static TargetFiles beside(Path cLibrary) {
      Path folder = cLibrary.toAbsolutePath().getParent();
      List<Path> folders =
          folder == null
              ? List.of()
              : List.of(
                  folder,
                  folder.resolve("migraphx/lib"),
                  folder.resolve("lib/migraphx/lib"),
                  folder.resolve("lib"));
      return target ->
          folders.stream()
              .flatMap(f -> Libraries.versionsOf(f, "libmigraphx_" + target + ".so").stream())
              .filter(Files::isRegularFile)
              .findFirst();
    }
  }
}

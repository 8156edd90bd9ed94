package io.inferc.backend.migraphx;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import io.inferc.spi.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * AMD's GPUs, as the HIP runtime that MIGraphX itself uses sees them.
 *
 * <p>Its functions are looked up through MIGraphX's own GPU library, so that no second HIP of
 * another version gets into the process; and only where the kernel has a driver, so that nothing is
 * loaded in vain.
 */
final class Hip {
  /** The kernel's door to AMD's GPUs. */
  static final Path DRIVER = Path.of("/dev/kfd");

  private static final int NAME_BYTES = 256;

  private final List<Device> devices;
  private final String version;

  private Hip(List<Device> devices, String version) {
    this.devices = devices;
    this.version = version;
  }

  /** Either the runtime with one device at least, or why there is none. */
  sealed interface Found {
    /** There are GPUs. */
    record Gpus(Hip hip) implements Found {}

    /** There are none. */
    record None(String reason) implements Found {}
  }

  /**
   * Looks for GPUs.
   *
   * @param gpuLibrary the file of MIGraphX's GPU target
   * @param driver the kernel's door to the GPUs, without which nothing is loaded
   */
  static Found find(Path gpuLibrary, Path driver) {
    if (!Files.exists(driver)) {
      return new Found.None("there is no AMD GPU driver (" + driver + " is missing)");
    }
    if (!Files.isReadable(driver) || !Files.isWritable(driver)) {
      return new Found.None("this user may not open " + driver);
    }
    try {
      NativeLibrary library = Libraries.open(gpuLibrary);
      Native.register(HipApi.class, library);
    } catch (LinkageError e) {
      return new Found.None(
          "HIP cannot be used through " + gpuLibrary + ": " + String.valueOf(e.getMessage()));
    }
    try (NativeMemory out = NativeMemory.words(1 + NAME_BYTES / 8)) {
      int status = HipApi.hipGetDeviceCount(out.address());
      int count = status == 0 ? out.integer(0) : 0;
      if (count < 1) {
        return new Found.None(
            "HIP finds no device (hipGetDeviceCount returned " + meaning(status) + ")");
      }
      List<Device> devices = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        devices.add(device(out, i));
      }
      int known = HipApi.hipRuntimeGetVersion(out.address());
      String version = known == 0 ? Integer.toString(out.integer(0)) : "unknown";
      return new Found.Gpus(new Hip(List.copyOf(devices), version));
    }
  }

  private static Device device(NativeMemory out, int index) {
    String name = "AMD GPU";
    if (HipApi.hipDeviceGetName(out.address(1), NAME_BYTES, index) == 0) {
      name = NativeMemory.textAt(out.address(1));
    }
    OptionalLong memory = OptionalLong.empty();
    if (HipApi.hipDeviceTotalMem(out.address(), index) == 0) {
      memory = OptionalLong.of(out.pointer(0));
    }
    return new Device(Targets.GPU + ":" + index, name, memory, false);
  }

  /** Checks what a function of HIP returned. */
  static void check(int status, String function) throws MigraphxCallException {
    if (status != 0) {
      throw MigraphxCallException.ofHip(function, status, nameOf(status));
    }
  }

  private static String meaning(int status) {
    return status == 0 ? "success, but no device" : status + ", " + nameOf(status);
  }

  /** What HIP calls a status, for example {@code hipErrorOutOfMemory}. */
  private static String nameOf(int status) {
    long name = HipApi.hipGetErrorName(status);
    return name == 0 ? "an error that HIP has no name for" : NativeMemory.textAt(name);
  }

  List<Device> devices() {
    return devices;
  }

  String version() {
    return version;
  }

  /** Makes a device the calling thread's, which HIP asks of every thread. */
  static void select(int index) throws MigraphxCallException {
    check(HipApi.hipSetDevice(index), "hipSetDevice");
  }
}

package io.inferc.backend.migraphx;

import com.sun.jna.Function;
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
  private static final Path DRIVER = Path.of("/dev/kfd");
  private static final int NAME_BYTES = 256;

  private final NativeLibrary library;
  private final List<Device> devices;
  private final String version;

  private Hip(NativeLibrary library, List<Device> devices, String version) {
    this.library = library;
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
   */
  static Found find(Path gpuLibrary) {
    if (!Files.exists(DRIVER)) {
      return new Found.None("there is no AMD GPU driver (" + DRIVER + " is missing)");
    }
    if (!Files.isReadable(DRIVER) || !Files.isWritable(DRIVER)) {
      return new Found.None("this user may not open " + DRIVER);
    }
    try {
      NativeLibrary library = Libraries.open(gpuLibrary);
      try (NativeMemory out = NativeMemory.words(1 + NAME_BYTES / 8)) {
        int status = call(library, "hipGetDeviceCount", out.address());
        int count = out.integer(0);
        if (status != 0 || count < 1) {
          return new Found.None(
              "HIP finds no device (hipGetDeviceCount returned "
                  + status
                  + ", count "
                  + count
                  + ")");
        }
        List<Device> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          devices.add(device(library, out, i));
        }
        int known = call(library, "hipRuntimeGetVersion", out.address());
        String version = known == 0 ? Integer.toString(out.integer(0)) : "unknown";
        return new Found.Gpus(new Hip(library, List.copyOf(devices), version));
      }
    } catch (LinkageError e) {
      return new Found.None(gpuLibrary + " cannot be loaded: " + e.getMessage());
    }
  }

  private static Device device(NativeLibrary library, NativeMemory out, int index) {
    String name = "AMD GPU";
    if (call(library, "hipDeviceGetName", out.address(1), NAME_BYTES, index) == 0) {
      name = NativeMemory.textAt(out.address(1));
    }
    OptionalLong memory = OptionalLong.empty();
    if (call(library, "hipDeviceTotalMem", out.address(), index) == 0) {
      memory = OptionalLong.of(out.pointer(0));
    }
    return new Device(Targets.GPU + ":" + index, name, memory, false);
  }

  private static int call(NativeLibrary library, String function, Object... arguments) {
    Function f = library.getFunction(function);
    return f.invokeInt(arguments);
  }

  List<Device> devices() {
    return devices;
  }

  String version() {
    return version;
  }

  /** Makes a device the calling thread's, which HIP asks of every thread. */
  void select(int index) throws MigraphxCallException {
    Calls.check(call(library, "hipSetDevice", index), "hipSetDevice");
  }
}

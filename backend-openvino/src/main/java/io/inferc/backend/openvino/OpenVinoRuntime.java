package io.inferc.backend.openvino;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The library, loaded once for the process, and its core, which finds devices and compiles.
 *
 * <p>Thread-safe. It is never unloaded: OpenVINO's threads outlive its models.
 */
final class OpenVinoRuntime {
  private static final int OLDEST = 2024;
  // RTLD_LAZY without RTLD_GLOBAL: names in OpenVINO and what it brings (protobuf, TBB) must not
  // take the place of another runtime's.
  private static final int LAZY_AND_LOCAL = 1;
  private static final int LAZY_AND_GLOBAL = 0x101;

  private static @Nullable OpenVinoRuntime loaded;

  private final Path file;
  private final String version;
  private final OpenVinoC.Variadic variadic;
  private final Pointer core;
  private final ElementTypes types;

  private OpenVinoRuntime(
      Path file, String version, OpenVinoC.Variadic variadic, Pointer core, ElementTypes types) {
    this.file = file;
    this.version = version;
    this.variadic = variadic;
    this.core = core;
    this.types = types;
  }

  /**
   * Returns the loaded library.
   *
   * @throws IllegalStateException if none was loaded
   */
  static synchronized OpenVinoRuntime get() {
    OpenVinoRuntime runtime = loaded;
    if (runtime == null) {
      throw new IllegalStateException("OpenVINO was not loaded");
    }
    return runtime;
  }

  static synchronized Optional<OpenVinoRuntime> ifLoaded() {
    return Optional.ofNullable(loaded);
  }

  /**
   * Loads a library, unless one was loaded before.
   *
   * @throws LinkageError if it, or something it needs, cannot be loaded
   * @throws CallException if it does not work
   */
  static synchronized OpenVinoRuntime load(Path file) {
    OpenVinoRuntime runtime = loaded;
    if (runtime == null) {
      runtime = open(file);
      loaded = runtime;
    }
    return runtime;
  }

  private static OpenVinoRuntime open(Path file) {
    if (Native.POINTER_SIZE != Long.BYTES) {
      throw new CallException("it needs a 64-bit JVM");
    }
    openThreading(file);
    Map<String, Object> options = Map.of(Library.OPTION_OPEN_FLAGS, LAZY_AND_LOCAL);
    NativeLibrary library = NativeLibrary.getInstance(file.toString(), options);
    Native.register(OpenVinoC.class, library);
    String version = readVersion();
    checkVersion(version);
    OpenVinoC.Variadic variadic = Native.load(file.toString(), OpenVinoC.Variadic.class, options);
    Pointer core = newCore();
    readWithoutMapping(variadic, core);
    return new OpenVinoRuntime(file, version, variadic, core, ElementTypes.probe(core));
  }

  /** A process that has mapped a file dies when somebody shortens it, so files are read instead. */
  private static void readWithoutMapping(OpenVinoC.Variadic variadic, Pointer core) {
    Calls.check(
        variadic.ov_core_set_property(
            core, Calls.text(""), Calls.text("ENABLE_MMAP"), Calls.text("NO")));
  }

  /** Opens oneTBB of an installation by archive, which lies where no loader looks. */
  private static void openThreading(Path file) {
    for (Path folder = file.getParent(); folder != null; folder = folder.getParent()) {
      Path threading = folder.resolve("3rdparty/tbb/lib/libtbb.so.12");
      if (Files.isRegularFile(threading)) {
        NativeLibrary.getInstance(
            threading.toString(), Map.of(Library.OPTION_OPEN_FLAGS, LAZY_AND_GLOBAL));
        return;
      }
    }
  }

  private static String readVersion() {
    Memory version = Calls.cells(2);
    Calls.check(OpenVinoC.ov_get_openvino_version(version));
    try {
      return Calls.read(Calls.handle(version));
    } finally {
      OpenVinoC.ov_version_free(version);
    }
  }

  private static void checkVersion(String version) {
    String year = version.replaceFirst("\\D.*", "");
    if (year.isEmpty() || year.length() > 4 || Integer.parseInt(year) < OLDEST) {
      throw new CallException("it is version " + version + ", and 2024.0 is the oldest supported");
    }
  }

  private static Pointer newCore() {
    Memory cell = Calls.cell();
    Calls.check(OpenVinoC.ov_core_create(cell));
    return Calls.handle(cell);
  }

  /** The library's file. */
  Path file() {
    return file;
  }

  /** OpenVINO's own version text, such as {@code 2026.4.1-22982-e213a147257}. */
  String version() {
    return version;
  }

  OpenVinoC.Variadic variadic() {
    return variadic;
  }

  Pointer core() {
    return core;
  }

  ElementTypes types() {
    return types;
  }

  /** Makes another core, with settings of its own; the caller frees it. */
  Pointer newCore(String device, Map<String, String> properties) {
    Pointer own = newCore();
    boolean complete = false;
    try {
      for (Map.Entry<String, String> e : properties.entrySet()) {
        Memory key = Calls.text(e.getKey());
        Memory value = Calls.text(e.getValue());
        Calls.check(variadic.ov_core_set_property(own, Calls.text(device), key, value));
      }
      complete = true;
      return own;
    } finally {
      if (!complete) {
        OpenVinoC.ov_core_free(own);
      }
    }
  }

  /** The devices as OpenVINO names them, for example {@code CPU} and {@code GPU.0}. */
  List<String> devices() {
    Memory list = Calls.cells(2);
    Calls.check(OpenVinoC.ov_core_get_available_devices(core, list));
    try {
      Pointer names = list.getPointer(0);
      long count = list.getLong(8);
      List<String> devices = new ArrayList<>();
      for (long i = 0; i < count; i++) {
        devices.add(Calls.read(names.getPointer(8 * i)));
      }
      return List.copyOf(devices);
    } finally {
      OpenVinoC.ov_available_devices_free(list);
    }
  }

  /**
   * Reads a property of a device.
   *
   * @throws CallException if it has none of that name
   */
  String property(String device, String key) {
    Memory cell = Calls.cell();
    Calls.check(OpenVinoC.ov_core_get_property(core, Calls.text(device), Calls.text(key), cell));
    return Calls.takeText(cell);
  }
}

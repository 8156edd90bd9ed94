package io.inferc.backend.migraphx;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import io.inferc.common.Stage;
import io.inferc.common.internal.TemporaryFolder;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The MIGraphX of this process: found, bound, and tried out once. A process has one, since its
 * functions are bound to one file and two versions of it do not get along.
 *
 * <p>Thread-safe.
 */
final class MigraphxLibrary {
  private static final Object LOCK = new Object();
  private static @Nullable MigraphxLibrary loaded;

  private static final Pattern VERSION = Pattern.compile("\"migraphx_version\"\\s*:\\s*\"([^\"]+)");

  private final Path file;
  private final String version;
  private final ElementTypes types;
  private final Targets targets;
  private final Set<String> operators;
  // MIGraphX's registry of targets has no lock; targets are few and stay for good.
  private final Map<String, Long> createdTargets = new HashMap<>();

  private MigraphxLibrary(
      Path file, String version, ElementTypes types, Targets targets, Set<String> operators) {
    this.operators = operators;
    this.file = file;
    this.version = version;
    this.types = types;
    this.targets = targets;
  }

  /** Why MIGraphX cannot be used here, and what to do. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String remedy;

    UnusableException(String reason, String remedy, @Nullable Throwable cause) {
      super(reason, cause);
      this.remedy = remedy;
    }

    String reason() {
      return String.valueOf(getMessage());
    }

    String remedy() {
      return remedy;
    }
  }

  /**
   * Returns the library, loading it at the first call that finds one.
   *
   * @param search where to look
   * @throws UnusableException if there is none or it does not work
   */
  static MigraphxLibrary load(LibrarySearch search) throws UnusableException {
    synchronized (LOCK) {
      Optional<Path> found = search.find();
      MigraphxLibrary before = loaded;
      if (before != null) {
        if (found.isPresent() && !found.get().equals(before.file)) {
          throw new UnusableException(
              "This process has loaded MIGraphX from "
                  + before.file
                  + " and cannot load that of "
                  + found.get()
                  + " too.",
              "Set the system property " + LibrarySearch.PROPERTY + " before the first use.",
              null);
        }
        return before;
      }
      MigraphxLibrary now = bind(find(search));
      loaded = now;
      return now;
    }
  }

  /** Returns the library's file. */
  static Path find(LibrarySearch search) throws UnusableException {
    return search
        .find()
        .orElseThrow(
            () ->
                new UnusableException(
                    "MIGraphX's C library ("
                        + LibrarySearch.SONAME
                        + ") was not found in "
                        + search.places()
                        + ".",
                    "Install MIGraphX, as part of ROCm (package migraphx) or of Debian (packages"
                        + " migraphx and libmigraphx-c3), or point the environment variable"
                        + " ROCM_PATH to ROCm or the system property "
                        + LibrarySearch.PROPERTY
                        + " to the library.",
                    null));
  }

  private static MigraphxLibrary bind(Path file) throws UnusableException {
    NativeLibrary library;
    try {
      if (Native.POINTER_SIZE != 8 || Native.SIZE_T_SIZE != 8) {
        throw new UnusableException(
            "MIGraphX needs a 64-bit JVM, and this one is not.", "Use a 64-bit JVM.", null);
      }
      library = Libraries.open(file);
      Native.register(MigraphxApi.class, library);
      Native.register(CMemory.class, NativeLibrary.getProcess());
    } catch (LinkageError e) {
      throw new UnusableException(
          "MIGraphX's C library was found at "
              + file
              + ", but cannot be used: "
              + String.valueOf(e.getMessage()).strip()
              + ".",
          "Install what it says is missing; a function that is missing means a MIGraphX before"
              + " 2.10, which is the oldest supported.",
          e);
    }
    try {
      long three = widthOf(3);
      long four = widthOf(4);
      ElementTypes plain =
          ElementTypes.of(three, four, false).orElseThrow(() -> unknownTypes(file, three, four));
      Targets targets = Targets.find(Targets.TargetFiles.beside(file), Hip.DRIVER);
      if (targets.devices().isEmpty()) {
        throw new UnusableException(
            "MIGraphX was found at " + file + ", but none of its targets can be used.",
            "Install the whole package: the targets' libraries (libmigraphx_gpu.so,"
                + " libmigraphx_ref.so) belong beside it.",
            null);
      }
      String version = versionOfSavedProgram();
      // The type came with version 2.12.
      ElementTypes types =
          atLeast(version, 2, 12) ? ElementTypes.of(three, four, true).orElse(plain) : plain;
      return new MigraphxLibrary(
          file, version, types, targets, ParsedOperators.of(library, version));
    } catch (MigraphxCallException | IOException e) {
      throw new UnusableException(
          "MIGraphX was loaded from " + file + ", but does not work: " + e.getMessage() + ".",
          "Its own words are on the standard error stream of this process; install a complete"
              + " MIGraphX 2.10 or later.",
          e);
    }
  }

  private static UnusableException unknownTypes(Path file, long three, long four) {
    return new UnusableException(
        "MIGraphX at "
            + file
            + " numbers its element types in an order that inferc does not know (types 3 and 4 have"
            + " "
            + three
            + " and "
            + four
            + " bytes).",
        "Use MIGraphX 2.10 to 2.15, or a newer inferc.",
        null);
  }

  private static long widthOf(int code) throws MigraphxCallException {
    long shape = NativeShape.create(code, new long[] {1});
    try (NativeMemory out = NativeMemory.words(1)) {
      Calls.check(MigraphxApi.migraphx_shape_bytes(out.address(), shape), "migraphx_shape_bytes");
      return out.pointer(0);
    } finally {
      MigraphxApi.migraphx_shape_destroy(shape);
    }
  }

  /** The interface tells no version, but a saved program does. */
  private static String versionOfSavedProgram() throws MigraphxCallException, IOException {
    try (TemporaryFolder folder = TemporaryFolder.create("migraphx", Stage.DISCOVERY)) {
      Path draft = folder.path().resolve("version.json");
      OnnxModel tiny =
          OnnxModel.of(
              Graph.builder("version")
                  .input(TensorSpec.of("x", DataType.FLOAT32, 1))
                  .node(Node.of("Relu", List.of("x"), List.of("y")))
                  .output(TensorSpec.of("y", DataType.FLOAT32, 1))
                  .build(),
              13);
      try (OnnxBytes bytes = OnnxBytes.of(tiny.toBytes());
          OnnxOptions options = OnnxOptions.create();
          ProgramHandle program = bytes.parse(options)) {
        program.save(draft, ProgramHandle.JSON);
      }
      Matcher matcher = VERSION.matcher(Files.readString(draft, StandardCharsets.UTF_8));
      return matcher.find() ? matcher.group(1) : "unknown";
    }
  }

  static boolean atLeast(String version, int major, int minor) {
    Matcher numbers = Pattern.compile("^(\\d+)\\.(\\d+)").matcher(version);
    if (!numbers.find()) {
      return false;
    }
    int foundMajor = Integer.parseInt(numbers.group(1));
    int foundMinor = Integer.parseInt(numbers.group(2));
    return foundMajor > major || (foundMajor == major && foundMinor >= minor);
  }

  Path file() {
    return file;
  }

  /** MIGraphX's version, for example {@code 2.14.0}. */
  String version() {
    return version;
  }

  ElementTypes types() {
    return types;
  }

  Targets targets() {
    return targets;
  }

  /** The operators that its parser knows; empty if it does not tell. */
  Set<String> operators() {
    return operators;
  }

  /** Returns the handle of a target that {@link #targets()} found; it is never freed. */
  synchronized long target(Targets.Choice choice) throws MigraphxCallException {
    select(choice);
    String key = choice.name();
    Long known = createdTargets.get(key);
    if (known != null) {
      return known;
    }
    try (NativeMemory out = NativeMemory.words(1);
        NativeMemory name = NativeMemory.text(choice.name())) {
      long target =
          Calls.handle(
              MigraphxApi.migraphx_target_create(out.address(), name.address()),
              out,
              "migraphx_target_create");
      createdTargets.put(key, target);
      return target;
    }
  }

  /** Makes the choice's GPU the calling thread's; nothing where there is none. */
  void select(Targets.Choice choice) throws MigraphxCallException {
    if (choice.isGpu()) {
      Hip.select(choice.gpu());
    }
  }
}

package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtSession;
import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's version. The manifest of its jar tells it, unless an application was merged into
 * one jar, whose manifest then tells the application's. The library itself knows it too; its Java
 * API tells it only after making an environment.
 */
final class RuntimeVersion {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimeVersion.class);
  private static final String TITLE = "onnxruntime";
  private static final String UNKNOWN = "unknown";

  /** On Linux, dlopen's flags for a library that is loaded already, and for no other. */
  private static final int LAZY_AND_LOADED_ALREADY = 0x1 | 0x4;

  private RuntimeVersion() {}

  /** Finds the version; call this after ONNX Runtime's library was loaded. */
  static String find() {
    return ofLibrary().or(RuntimeVersion::ofManifest).orElse(UNKNOWN);
  }

  private static Optional<String> ofManifest() {
    Package jar = OrtSession.class.getPackage();
    return TITLE.equals(jar.getImplementationTitle())
        ? Optional.ofNullable(jar.getImplementationVersion())
        : Optional.empty();
  }

  /** Reads {@code OrtGetApiBase()->GetVersionString()}. */
  static Optional<String> ofLibrary() {
    if (!Platform.isLinux()) {
      return Optional.empty();
    }
    try {
      NativeLibrary loaded =
          NativeLibrary.getInstance(
              "libonnxruntime.so.1", Map.of(Library.OPTION_OPEN_FLAGS, LAZY_AND_LOADED_ALREADY));
      Pointer base = loaded.getFunction("OrtGetApiBase").invokePointer(new Object[0]);
      Pointer versionString = base.getPointer(Native.POINTER_SIZE);
      return Optional.of(Function.getFunction(versionString).invokeString(new Object[0], false));
    } catch (LinkageError | RuntimeException e) {
      LOG.debug("ONNX Runtime's library does not tell its version", e);
      return Optional.empty();
    }
  }
}

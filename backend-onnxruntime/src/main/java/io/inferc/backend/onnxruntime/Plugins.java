package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.inferc.spi.BackendUnavailableException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The plugin libraries that inferc registered with ONNX Runtime's environment, which like that
 * environment last as long as the process.
 */
final class Plugins {
  // Guarded by the class.
  private static final Map<String, Path> LOADED = new HashMap<>();

  private Plugins() {}

  static synchronized void load(OrtEnvironment environment, String name, Path library) {
    Path asked = library.toAbsolutePath().normalize();
    Path loaded = LOADED.get(name);
    if (asked.equals(loaded)) {
      return;
    }
    String problem =
        "Tried to load the execution provider '" + name + "' from " + library + ", but ";
    if (loaded != null) {
      throw new BackendUnavailableException(
          problem + "this process has loaded it from " + loaded + " already.",
          "Name the same library for every model of the process.",
          null);
    }
    try {
      environment.registerExecutionProviderLibrary(name, asked.toString());
    } catch (OrtException e) {
      // The application may have registered the name before; then its library is used.
      if (!Errors.said(e).contains("already registered")) {
        throw new BackendUnavailableException(
            problem + "ONNX Runtime refused it: " + Errors.said(e) + ".",
            "Use a plugin library built for this version of ONNX Runtime, with everything it links"
                + " to on the loader's path.",
            e);
      }
    }
    LOADED.put(name, asked);
  }
}

package io.inferc.backend.onnxruntime;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps ONNX Runtime's telemetry off: on Linux it writes an identifier of the device and a queue of
 * events to the user's home and looks for its vendor's collector, from the moment the first
 * environment is made. Only the process's environment turns it off early enough.
 *
 * <p>An application that makes an environment of ONNX Runtime before inferc looks for back ends has
 * to set the variable itself.
 */
final class Telemetry {
  private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);
  private static final String VARIABLE = "ORT_DISABLE_TELEMETRY";
  private static final int KEEP_WHAT_IS_SET = 0;

  private Telemetry() {}

  /** Sets the variable, unless the user has set it; call this before any native code is loaded. */
  static void turnOff() {
    if (Platform.isWindows() || System.getenv(VARIABLE) != null) {
      return;
    }
    try {
      Function set = Function.getFunction(Platform.C_LIBRARY_NAME, "setenv");
      int failed = set.invokeInt(new Object[] {VARIABLE, "1", KEEP_WHAT_IS_SET});
      if (failed != 0) {
        LOG.warn("ONNX Runtime's telemetry is on: {} could not be set to 1.", VARIABLE);
      }
    } catch (LinkageError | RuntimeException e) {
      LOG.warn(
          "ONNX Runtime's telemetry is on, since {} could not be set: {} Set it to 1 in the"
              + " environment that starts this program.",
          VARIABLE,
          e.toString());
    }
  }
}

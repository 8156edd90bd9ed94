package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import io.inferc.runtime.Target;
import io.inferc.spi.Availability;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendProvider;
import io.inferc.spi.BackendUnavailableException;
import io.inferc.spi.Device;
import io.inferc.spi.ProcessorShare;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;

/** Finds ONNX Runtime's Java API and its native library. */
public final class OnnxRuntimeProvider implements BackendProvider {
  // A class that failed to initialize stays failed, and only its first failure says why.
  private static final AtomicReference<String> FIRST_FAILURE = new AtomicReference<>();

  /** Creates the provider; loads nothing. */
  public OnnxRuntimeProvider() {}

  @Override
  public String name() {
    return Target.ONNX_RUNTIME;
  }

  @Override
  public String displayName() {
    return "ONNX Runtime";
  }

  /**
   * Loads the native library, but makes no environment: the first one made decides about a shared
   * thread pool, and that is left to who needs it.
   */
  @Override
  public Availability probe() {
    try {
      Telemetry.turnOff();
      List<Device> devices = new ArrayList<>();
      devices.add(new Device("cpu", cpuName(), OptionalLong.empty(), false));
      for (OrtProvider provider : OrtEnvironment.getAvailableProviders()) {
        if (provider != OrtProvider.CPU) {
          devices.add(
              new Device(
                  Providers.shortName(provider),
                  provider.getName()
                      + " (built in; whether it finds hardware shows when it is used)",
                  OptionalLong.empty(),
                  false));
        }
      }
      return new Availability.Available(RuntimeVersion.find(), devices);
    } catch (LinkageError | RuntimeException e) {
      FIRST_FAILURE.compareAndSet(null, rootCause(e));
      return new Availability.Unavailable(
          "ONNX Runtime's native library cannot be loaded: " + FIRST_FAILURE.get() + ".",
          "Use the artifact com.microsoft.onnxruntime:onnxruntime (or onnxruntime_gpu) on a"
              + " platform it is built for, with a temporary folder that allows executables, and"
              + " without onnxruntime.native.path pointing elsewhere.");
    }
  }

  @Override
  public Backend open() {
    Availability availability = probe();
    if (availability instanceof Availability.Unavailable u) {
      throw new BackendUnavailableException(
          "Tried to open the back end 'onnxruntime', but " + u.reason(), u.remedy(), null);
    }
    return new OnnxRuntimeBackend(RuntimeVersion.find());
  }

  private static String cpuName() {
    return "CPU (" + System.getProperty("os.arch") + ", " + ProcessorShare.here() + ")";
  }

  private static String rootCause(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.toString();
  }
}

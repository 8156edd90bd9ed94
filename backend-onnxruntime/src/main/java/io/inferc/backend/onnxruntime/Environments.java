package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime's environment, of which a process has one. It is used as the host application made
 * it, and never closed here.
 */
final class Environments {
  private static final String NAME = "inferc";

  // The pool of the environment that inferc made; guarded by the class.
  private static @Nullable SharedThreadPool made;
  private static @Nullable String nativeVersion;

  private Environments() {}

  /** The version of the loaded library, once there is an environment that can be asked. */
  static synchronized Optional<String> nativeVersion() {
    return Optional.ofNullable(nativeVersion);
  }

  static synchronized OrtEnvironment get(Optional<SharedThreadPool> pool) {
    OrtEnvironment environment = find(pool);
    nativeVersion = environment.getVersion();
    return environment;
  }

  private static OrtEnvironment find(Optional<SharedThreadPool> pool) {
    if (pool.isEmpty()) {
      // With a name of ours it would warn each time, wherever the application gave it another.
      return make(OrtEnvironment::getEnvironment);
    }
    SharedThreadPool asked = pool.get();
    if (asked.equals(made)) {
      return OrtEnvironment.getEnvironment();
    }
    if (made != null) {
      throw refusal(asked, "inferc made it with " + made, null);
    }
    try (OrtEnvironment.ThreadingOptions threads = new OrtEnvironment.ThreadingOptions()) {
      threads.setGlobalIntraOpNumThreads(asked.intraOpThreads());
      threads.setGlobalInterOpNumThreads(asked.interOpThreads());
      if (asked.spinning().isPresent()) {
        threads.setGlobalSpinControl(asked.spinning().get());
      }
      OrtEnvironment environment =
          make(
              () ->
                  OrtEnvironment.getEnvironment(
                      OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, NAME, threads));
      made = asked;
      return environment;
    } catch (IllegalStateException e) {
      throw refusal(asked, "the application or an earlier model made it without this pool", e);
    } catch (OrtException e) {
      throw refusal(asked, "ONNX Runtime refused the sizes: " + e.getMessage(), e);
    }
  }

  /** Gets the environment, which may be made by that. */
  private static OrtEnvironment make(Supplier<OrtEnvironment> maker) {
    if (nativeVersion != null) {
      return maker.get();
    }
    try {
      return DeepStack.call(maker::get);
    } catch (ExecutionException e) {
      // What was thrown is for the caller as if there were no thread between.
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException unchecked
          ? unchecked
          : new IllegalStateException(e.getCause());
    }
  }

  private static InfercException refusal(
      SharedThreadPool asked, String found, @Nullable Exception cause) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to share a thread pool of "
            + asked
            + " between models, but this process's ONNX Runtime environment is made"
            + " already: "
            + found
            + ".",
        "Compile the first model of the process with sharedThreadPool and the same sizes everywhere,"
            + " before anything else uses ONNX Runtime; or leave it out.",
        cause);
  }
}

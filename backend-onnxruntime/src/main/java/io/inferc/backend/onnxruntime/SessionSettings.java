package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions.Optimization;
import io.inferc.runtime.Target;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns our options into ONNX Runtime's. */
final class SessionSettings {
  private static final Logger LOG = LoggerFactory.getLogger(OnnxRuntimeBackend.class);

  private SessionSettings() {}

  static OnnxRuntimeOptions options(Target.Choice choice) {
    return choice
        .options()
        .map(
            o -> {
              if (o instanceof OnnxRuntimeOptions own) {
                return own;
              }
              throw new IllegalArgumentException(
                  "Tried to use "
                      + o.getClass().getName()
                      + " with the back end 'onnxruntime'; it takes OnnxRuntimeOptions.");
            })
        .orElseGet(OnnxRuntimeOptions::defaults);
  }

  /** The providers of the device and of the options, in order, without the CPU that comes last. */
  static List<ExecutionProvider> providers(Target.Choice choice) {
    return Providers.resolve(choice.device(), options(choice).providers());
  }

  static SessionOptions create(
      OrtEnvironment environment, Target.Choice choice, Optimization optimization)
      throws OrtException {
    OnnxRuntimeOptions options = options(choice);
    SessionOptions session = new SessionOptions();
    boolean complete = false;
    try {
      session.setSessionLogLevel(logLevel());
      session.setOptimizationLevel(level(optimization));
      options.threads().applyTo(session, options.sessionConfig().keySet());
      if (options.memoryPattern().isPresent()) {
        session.setMemoryPatternOptimization(options.memoryPattern().get());
      }
      if (options.cpuArena().isPresent()) {
        session.setCPUArenaAllocator(options.cpuArena().get());
      }
      if (!options.disabledOptimizers().isEmpty()) {
        session.addConfigEntry(
            "optimization.disable_specified_optimizers",
            String.join(";", options.disabledOptimizers().stream().sorted().toList()));
      }
      for (Map.Entry<String, String> e : options.sessionConfig().entrySet()) {
        session.addConfigEntry(e.getKey(), e.getValue());
      }
      for (ExecutionProvider provider : providers(choice)) {
        Providers.add(environment, session, provider);
      }
      complete = true;
      return session;
    } finally {
      if (!complete) {
        session.close();
      }
    }
  }

  /**
   * ONNX Runtime can only write to the standard error stream, and its errors come back as
   * exceptions anyway, many of which are caught: it is silent unless somebody looks for faults.
   */
  private static OrtLoggingLevel logLevel() {
    return LOG.isDebugEnabled()
        ? OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING
        : OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
  }

  private static OptLevel level(Optimization optimization) {
    return switch (optimization) {
      case NONE -> OptLevel.NO_OPT;
      case BASIC -> OptLevel.BASIC_OPT;
      case EXTENDED -> OptLevel.EXTENDED_OPT;
      case ALL -> OptLevel.ALL_OPT;
    };
  }
}

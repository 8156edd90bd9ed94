package io.inferc.backend.tensorrt;

import org.bytedeco.tensorrt.nvinfer.ILogger;

/**
 * TensorRT's logger: one for the process and never freed, because TensorRT keeps the first that it
 * is given for everything that has none of its own.
 */
final class TensorRtLog extends ILogger {
  private static final class Shared {
    static final TensorRtLog INSTANCE = new TensorRtLog();

    private Shared() {}
  }

  private TensorRtLog() {}

  /** Returns the logger; to be called when TensorRT is loaded. */
  static TensorRtLog shared() {
    return Shared.INSTANCE;
  }

  @Override
  public void log(ILogger.Severity severity, String text) {
    LogRoutes.dispatch(
        severity == null ? LogSeverity.INFO.code() : severity.value, String.valueOf(text));
  }
}

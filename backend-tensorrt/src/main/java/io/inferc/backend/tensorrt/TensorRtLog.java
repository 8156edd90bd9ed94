package io.inferc.backend.tensorrt;

import org.bytedeco.tensorrt.nvinfer.ILogger;

/** TensorRT's logger, called from native code; nothing may be thrown through that. */
final class TensorRtLog extends ILogger {
  private final transient LogSink sink;

  TensorRtLog(LogSink sink) {
    this.sink = sink;
  }

  @Override
  public void log(ILogger.Severity severity, String text) {
    try {
      int value = severity == null ? LogSeverity.INFO.code() : severity.value;
      sink.line(LogSeverity.of(value), String.valueOf(text));
    } catch (RuntimeException e) {
      // A logging back end that fails must not end a build.
      return;
    }
  }
}

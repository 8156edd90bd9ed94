package io.inferc.backend.tensorrt;

/** Takes the lines of TensorRT's log, from any thread. */
@FunctionalInterface
interface LogSink {
  void line(LogSeverity severity, String text);
}

package io.inferc.backend.tensorrt;

/** How bad a line of TensorRT's log is, in TensorRT's own order. */
enum LogSeverity {
  INTERNAL_ERROR,
  ERROR,
  WARNING,
  INFO,
  VERBOSE;

  static LogSeverity of(int value) {
    LogSeverity[] all = values();
    return all[Math.min(Math.max(0, value), all.length - 1)];
  }
}

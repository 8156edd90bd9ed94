package io.inferc.backend.tensorrt;

/** How bad a line of TensorRT's log is, with TensorRT's own number for it. */
enum LogSeverity {
  INTERNAL_ERROR(0),
  ERROR(1),
  WARNING(2),
  INFO(3),
  VERBOSE(4);

  private final int code;

  LogSeverity(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  boolean isComplaint() {
    return code <= WARNING.code;
  }

  /** Finds the severity of a number; one that TensorRT may add later counts as the least. */
  static LogSeverity of(int code) {
    for (LogSeverity severity : values()) {
      if (severity.code == code) {
        return severity;
      }
    }
    return VERBOSE;
  }
}

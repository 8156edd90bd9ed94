package io.inferc.backend.tensorrt;

import org.jspecify.annotations.Nullable;

/**
 * Who hears of a line of TensorRT's log: whoever works on the thread that it comes from, and for
 * the lines of TensorRT's own threads whoever began to listen last.
 */
final class LogRoutes {
  private static final ThreadLocal<@Nullable LogSink> SINK = new ThreadLocal<>();
  private static volatile @Nullable LogSink latest;

  private LogRoutes() {}

  /** Sends what TensorRT says on the calling thread to a sink from now on. */
  static void route(LogSink sink) {
    if (SINK.get() != sink) {
      SINK.set(sink);
    }
    if (latest != sink) {
      latest = sink;
    }
  }

  /** Passes a line on; nothing is thrown, since the caller is native code. */
  static void dispatch(int severity, String text) {
    LogSink sink = SINK.get();
    if (sink == null) {
      sink = latest;
    }
    if (sink != null) {
      try {
        sink.line(LogSeverity.of(severity), text);
      } catch (RuntimeException e) {
        // A logging back end that fails must not end a build.
        return;
      }
    }
  }
}

package io.inferc.backend.tensorrt;

import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes TensorRT's log on to SLF4J, keeps what it complained of last, and tells from well-known
 * lines how far a build has come: the presets have no way to ask TensorRT itself.
 */
final class BuildLog implements LogSink {
  private static final Logger LOG = LoggerFactory.getLogger("io.inferc.backend.tensorrt.build");
  private static final int KEPT = 20;

  private final String model;
  private final ProgressListener progress;
  private final Deque<String> complaints = new ArrayDeque<>();
  private BuildPhase phase = BuildPhase.PARSE;

  BuildLog(String model, ProgressListener progress) {
    this.model = model;
    this.progress = progress;
  }

  /** Whether anybody reads the lines that say most. */
  static boolean wantsEverything() {
    return LOG.isTraceEnabled();
  }

  /** Reports the first phase; on the thread that called for the build, as the later ones are. */
  void begin() {
    report(BuildPhase.PARSE);
  }

  @Override
  public synchronized void line(LogSeverity severity, String text) {
    switch (severity) {
      case INTERNAL_ERROR, ERROR -> {
        LOG.warn("{}: {}", model, text);
        keep(text);
      }
      case WARNING -> {
        LOG.info("{}: {}", model, text);
        keep(text);
      }
      case INFO -> LOG.debug("{}: {}", model, text);
      case VERBOSE -> LOG.trace("{}: {}", model, text);
    }
    phase = BuildPhase.after(phase, text);
  }

  private void keep(String text) {
    complaints.addLast(text);
    if (complaints.size() > KEPT) {
      complaints.removeFirst();
    }
  }

  /** The phase that the log has shown so far. */
  synchronized BuildPhase phase() {
    return phase;
  }

  /** Reports the phase that the log has shown, if it is a later one than was reported. */
  void report(BuildPhase reached) {
    progress.onProgress(Stage.COMPILE, reached.task(), reached.step(), BuildPhase.DONE.step());
  }

  /** What TensorRT complained of, the last line last. */
  synchronized List<String> complaints() {
    return List.copyOf(complaints);
  }
}

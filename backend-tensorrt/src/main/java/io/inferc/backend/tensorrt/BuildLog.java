package io.inferc.backend.tensorrt;

import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes TensorRT's log on to SLF4J, keeps what it complained of last, and tells from well-known
 * lines how far a build has come: the presets have no way to ask TensorRT itself.
 */
final class BuildLog implements LogSink {
  private static final Logger LOG = LoggerFactory.getLogger("io.inferc.backend.tensorrt.build");
  private static final int KEPT = 20;

  /** What a build does, in order, and the words by which its log shows that it has begun. */
  enum Phase {
    PARSE("reads the model", "\0"),
    OPTIMIZE("fuses layers", "Original:", "Graph optimization", "After dead-layer removal"),
    TIME(
        "measures kernels", "iming cache in use", "Autotuning", "TacticSource", "compiler backend"),
    ASSEMBLE("assembles the engine", "Detected ", "Total Host Persistent Memory"),
    DONE("has built the engine", "Engine generation completed", "Engine generation took");

    private final String task;
    private final List<String> words;

    Phase(String task, String... words) {
      this.task = task;
      this.words = List.of(words);
    }

    boolean isShownBy(String line) {
      return words.stream().anyMatch(line::contains);
    }

    static boolean isAnyShownBy(String line) {
      return Stream.of(values()).anyMatch(phase -> phase.isShownBy(line));
    }
  }

  private final String model;
  private final ProgressListener progress;
  private final Deque<String> complaints = new ArrayDeque<>();
  private Phase phase = Phase.PARSE;

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
    report(Phase.PARSE);
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
    Phase[] all = Phase.values();
    for (int i = all.length - 1; i > phase.ordinal(); i--) {
      if (all[i].isShownBy(text)) {
        phase = all[i];
        break;
      }
    }
  }

  private void keep(String text) {
    complaints.addLast(text);
    if (complaints.size() > KEPT) {
      complaints.removeFirst();
    }
  }

  /** The phase that the log has shown so far. */
  synchronized Phase phase() {
    return phase;
  }

  /** Reports the phase that the log has shown, if it is a later one than was reported. */
  void report(Phase reached) {
    progress.onProgress(
        Stage.COMPILE, "TensorRT " + reached.task, reached.ordinal(), Phase.DONE.ordinal());
  }

  /** What TensorRT complained of, the last line last. */
  synchronized List<String> complaints() {
    return List.copyOf(complaints);
  }
}

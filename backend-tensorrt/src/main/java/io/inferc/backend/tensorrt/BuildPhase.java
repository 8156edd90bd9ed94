package io.inferc.backend.tensorrt;

/** What a build does, in order, and the words by which TensorRT's log shows that it has begun. */
enum BuildPhase {
  PARSE(0, "reads the model"),
  OPTIMIZE(1, "fuses layers", "Original:", "Graph optimization", "After dead-layer removal"),
  TIME(2, "measures kernels", "iming cache in use", "Autotuning", "ompiler backend is used"),
  ASSEMBLE(3, "assembles the engine", "Detected ", "Total Host Persistent Memory"),
  DONE(4, "has built the engine", "Engine generation completed");

  private final int step;
  private final String task;
  // Words of the log, one a line: an array would not be immutable.
  private final String words;

  BuildPhase(int step, String task, String... words) {
    this.step = step;
    this.task = task;
    this.words = String.join("\n", words);
  }

  /** The number of phases before this one. */
  int step() {
    return step;
  }

  /** What is done, for a person. */
  String task() {
    return "TensorRT " + task;
  }

  private boolean isShownBy(String line) {
    return !words.isEmpty() && words.lines().anyMatch(line::contains);
  }

  /** The latest phase that a line of the log shows, or the one before if it shows none later. */
  static BuildPhase after(BuildPhase before, String line) {
    BuildPhase latest = before;
    for (BuildPhase phase : values()) {
      if (phase.step > latest.step && phase.isShownBy(line)) {
        latest = phase;
      }
    }
    return latest;
  }

  /** Whether a line of the log shows any phase. */
  static boolean isAnyShownBy(String line) {
    return after(PARSE, line) != PARSE;
  }
}

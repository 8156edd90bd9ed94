package io.inferc.backend.tensorrt;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The main class of a build's own JVM: reads a plan, builds, writes the engine or the reason why
 * there is none. What it prints is TensorRT's log, a line each, for {@link IsolatedBuild} to read.
 */
final class BuildWorker {
  /** Precedes a line of TensorRT's log. */
  static final String LOG_MARK = "inferc-log ";

  static final int BUILT = 0;
  static final int FAILED = 3;

  private BuildWorker() {}

  /**
   * Runs one build.
   *
   * @param args the plan's file, the file for a failure, and whether all of the log is wanted
   */
  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    boolean everything = Boolean.parseBoolean(args[2]);
    LogSink sink = (severity, text) -> print(out, everything, severity, text);
    endWithTheParent();
    try {
      BytedecoLibraries libraries = new BytedecoLibraries();
      libraries.loadCuda();
      // Without a device TensorRT would end this process without a word.
      libraries.gpus();
      libraries.loadTensorRt();
      NetworkBuild.run(PlanFile.read(Path.of(args[0])), sink);
      out.flush();
      // Not exit: libraries of NVIDIA have been seen to crash while they take themselves down.
      Runtime.getRuntime().halt(BUILT);
    } catch (BuildFailure e) {
      end(e, Path.of(args[1]));
    } catch (CudaException | LinkageError | RuntimeException e) {
      end(new BuildFailure(BuildFailure.Kind.BUILD, String.valueOf(e)), Path.of(args[1]));
    }
  }

  private static void end(BuildFailure failure, Path file) throws IOException {
    PlanFile.writeFailure(failure, file);
    System.out.flush();
    Runtime.getRuntime().halt(FAILED);
  }

  private static void print(
      PrintStream out, boolean everything, LogSeverity severity, String text) {
    if (everything || severity != LogSeverity.VERBOSE || BuildPhase.isAnyShownBy(text)) {
      out.println(LOG_MARK + severity.code() + ' ' + text.replace('\n', ' '));
    }
  }

  /** Ends when the parent does, however it ends: its end of the pipe closes then. */
  private static void endWithTheParent() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  Thread.onSpinWait();
                }
              } catch (IOException e) {
                // The same as an end.
              }
              Runtime.getRuntime().halt(FAILED);
            },
            "inferc-parent-watch");
    watch.setDaemon(true);
    watch.start();
  }
}

package io.inferc.examples;

import io.inferc.common.InfercException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/**
 * Runs an example by its command line. It ends with 0 where all is well, with 1 where the job
 * failed or a limit was missed, and with 2 where the command line cannot be understood.
 */
final class ExampleRunner {
  static final int GOOD = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;

  private ExampleRunner() {}

  /**
   * Runs an example as the process that was started for it, or inside the JVM of a build, which is
   * left alone where all is well.
   */
  static void main(Callable<Integer> example, String... words) {
    int code = run(example, words);
    if (code != GOOD) {
      System.exit(code);
    }
  }

  /**
   * Runs an example.
   *
   * @param example the example, annotated with its options
   * @param words the command line
   * @return how it ended
   */
  static int run(Callable<Integer> example, String... words) {
    return new CommandLine(example)
        .setExecutionExceptionHandler((e, line, parsed) -> failed(e, line))
        .execute(words);
  }

  /** An exit code for whether something kept its limits. */
  static int code(boolean kept) {
    return kept ? GOOD : FAILED;
  }

  private static int failed(Exception e, CommandLine line) {
    PrintWriter err = line.getErr();
    if (e instanceof TypeConversionException) {
      err.println(e.getMessage());
      line.usage(err);
      return USAGE;
    }
    if (e instanceof InfercException failure) {
      err.println("Stopped in the stage " + failure.stage() + ". " + failure.getMessage());
    } else if (e instanceof IOException) {
      err.println("Stopped, since a file or a process failed: " + e);
    } else {
      // Nobody foresaw it, so whoever mends it needs to know where it was.
      e.printStackTrace(err);
    }
    return FAILED;
  }
}

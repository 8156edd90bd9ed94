package io.inferc.examples;

import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows progress as a bar on a terminal, and as a line a quarter in a pipe or a log. */
final class ConsoleProgress implements ProgressListener, AutoCloseable {
  private static final int QUARTERS = 4;
  private static final int UPDATE_MILLIS = 100;

  private final PrintStream out;
  private final boolean terminal;
  private final long started = System.nanoTime();
  private String task = "";
  private long quarter = -1;
  private @Nullable ProgressBar bar;

  ConsoleProgress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  static ConsoleProgress onStandardError() {
    return new ConsoleProgress(System.err, isTerminal());
  }

  /** From JDK 22 on there is a console in a pipe too, and a method that tells. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException olderJdk) {
      return true;
    }
  }

  @Override
  public void onProgress(Stage stage, String task, long done, long total) {
    String label = stage.toString().toLowerCase(Locale.ROOT) + ": " + task;
    if (!label.equals(this.task)) {
      close();
      this.task = label;
      quarter = -1;
    }
    if (terminal) {
      showBar(label, done, total);
    } else {
      printLine(label, done, total);
    }
  }

  private void showBar(String label, long done, long total) {
    ProgressBar shown = bar;
    if (shown == null) {
      shown =
          new ProgressBarBuilder()
              .setTaskName(label)
              .setInitialMax(Math.max(total, 1))
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .setStyle(ProgressBarStyle.ASCII)
              .build();
      bar = shown;
    }
    shown.stepTo(done);
  }

  private void printLine(String label, long done, long total) {
    long now = total > 0 ? done * QUARTERS / total : 0;
    if (now > quarter) {
      quarter = now;
      Duration elapsed = Duration.ofNanos(System.nanoTime() - started);
      out.printf(
          "[%3d.%d s] %s %s%n",
          elapsed.toSeconds(),
          elapsed.toMillisPart() / 100,
          label,
          total > 0 ? done + "/" + total : "");
    }
  }

  @Override
  public void close() {
    ProgressBar shown = bar;
    if (shown != null) {
      bar = null;
      shown.close();
    }
  }
}

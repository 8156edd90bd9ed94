package io.inferc.common.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Ends a process that takes longer or holds more memory than it may. */
final class ProcessWatch implements Runnable {
  private static final long INTERVAL_MS = 50;
  private static final String HELD = "VmRSS:";

  private final Process process;
  private final Duration time;
  private final long memory;
  private volatile @Nullable String exceeded;

  ProcessWatch(Process process, Duration time, long memory) {
    this.process = process;
    this.time = time;
    this.memory = memory;
  }

  /** Says which limit it went over, if it did. */
  Optional<String> exceeded() {
    return Optional.ofNullable(exceeded);
  }

  @Override
  public void run() {
    long started = System.nanoTime();
    try {
      while (!process.waitFor(INTERVAL_MS, TimeUnit.MILLISECONDS)) {
        if (System.nanoTime() - started > time.toNanos()) {
          end("it took longer than " + time.toMillis() / 1000.0 + " s");
        } else if (held() > memory) {
          end("it held more than " + (memory >> 20) + " MiB");
        }
      }
    } catch (InterruptedException e) {
      // Nobody but the JVM interrupts this thread.
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  private void end(String why) {
    exceeded = why;
    process.destroyForcibly();
  }

  /** Its resident memory, or nothing where the system does not tell. */
  private long held() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
        if (line.startsWith(HELD)) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException | NumberFormatException e) {
      // It has ended, or this is no Linux.
      return 0;
    }
    return 0;
  }
}

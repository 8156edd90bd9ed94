package io.inferc.benchmark.platform;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Rows of values that a process prints again and again, handed on as they come. */
final class SmiLoop implements AutoCloseable {
  private static final long GRACE_SECONDS = 2;

  private final Process process;
  private final Thread reader;

  private SmiLoop(Process process, Thread reader) {
    this.process = process;
    this.reader = reader;
  }

  /**
   * Starts the process.
   *
   * @param rows called on a thread of the loop's own
   * @return the loop, empty if there is no such program
   */
  static Optional<SmiLoop> start(ProcessBuilder builder, int width, Consumer<List<String>> rows) {
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return Optional.empty();
    }
    Thread reader = new Thread(() -> read(process, width, rows), "inferc-nvidia-smi");
    reader.setDaemon(true);
    reader.start();
    return Optional.of(new SmiLoop(process, reader));
  }

  private static void read(Process process, int width, Consumer<List<String>> rows) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        NvidiaSmi.rows(line, width).forEach(rows);
      }
    } catch (IOException e) {
      // Closed while it was read: the loop has ended.
      process.destroyForcibly();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      reader.join(TimeUnit.SECONDS.toMillis(GRACE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

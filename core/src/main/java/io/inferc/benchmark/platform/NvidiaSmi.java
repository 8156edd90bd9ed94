package io.inferc.benchmark.platform;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Asks NVIDIA's driver by the tool that comes with it, in a process with a limit of time: a driver
 * in trouble may never answer.
 */
final class NvidiaSmi {
  static final String TOOL = "nvidia-smi";
  private static final long LIMIT_SECONDS = 5;
  private static final String FORMAT = "--format=csv,noheader,nounits";

  private NvidiaSmi() {}

  /** Returns a row of values for each GPU, empty if there is none or the driver does not know. */
  static List<List<String>> query(String... fields) {
    return output(List.of(TOOL, "--query-gpu=" + String.join(",", fields), FORMAT))
        .map(text -> rows(text, fields.length))
        .orElse(List.of());
  }

  /** Starts to ask again and again. */
  static ProcessBuilder repeated(long everyMillis, String... fields) {
    return new ProcessBuilder(
            TOOL, "--query-gpu=" + String.join(",", fields), FORMAT, "--loop-ms=" + everyMillis)
        .redirectError(ProcessBuilder.Redirect.DISCARD);
  }

  /** Returns the newest CUDA version that the driver runs, from the tool's own banner. */
  static Optional<String> cudaVersion() {
    return output(List.of(TOOL)).flatMap(NvidiaSmi::cudaVersion);
  }

  static Optional<String> cudaVersion(String banner) {
    int at = banner.indexOf("CUDA Version:");
    if (at < 0) {
      return Optional.empty();
    }
    String[] words = banner.substring(at + "CUDA Version:".length()).strip().split("\\s+", 2);
    return Optional.of(words[0]).filter(w -> Character.isDigit(w.isEmpty() ? ' ' : w.charAt(0)));
  }

  /** Splits rows of values; rows of another width are messages of the tool. */
  static List<List<String>> rows(String text, int width) {
    List<List<String>> rows = new ArrayList<>();
    text.lines()
        .map(line -> List.of(line.strip().split("\\s*,\\s*", -1)))
        .filter(row -> row.size() == width && !row.get(0).isEmpty())
        .forEach(rows::add);
    return rows;
  }

  static Optional<String> output(List<String> command) {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      return Optional.empty();
    }
    try {
      process.getOutputStream().close();
      // Answers are shorter than what a pipe holds, so the process ends before they are read.
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        return Optional.empty();
      }
      try (InputStream out = process.getInputStream()) {
        return Optional.of(new String(out.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      process.destroyForcibly();
    }
  }
}

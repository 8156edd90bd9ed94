package io.inferc.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The memory of the whole process, both models and the JVM included: a runtime does not say what is
 * one model's.
 *
 * @param residentBefore resident bytes before the warm-up, empty where the system does not tell
 * @param residentAfter resident bytes after the last round
 * @param peakResident the largest number of resident bytes the process ever had
 */
public record MemoryUsage(
    OptionalLong residentBefore, OptionalLong residentAfter, OptionalLong peakResident) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long BYTES_PER_KIB = 1024;

  static OptionalLong resident() {
    return field("VmRSS:");
  }

  static OptionalLong peak() {
    return field("VmHWM:");
  }

  private static OptionalLong field(String name) {
    try {
      for (String line : Files.readAllLines(STATUS, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith(name)) {
          return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) * BYTES_PER_KIB);
        }
      }
    } catch (IOException e) {
      return OptionalLong.empty();
    }
    return OptionalLong.empty();
  }
}

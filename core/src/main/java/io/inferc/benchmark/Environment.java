package io.inferc.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a measurement was made.
 *
 * @param cpu the processor, as far as the system tells
 * @param processors how many of them the JVM may use
 * @param os the operating system
 * @param jvm the virtual machine
 */
public record Environment(String cpu, int processors, String os, String jvm) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  /**
   * Describes this machine.
   *
   * @return the environment
   */
  public static Environment current() {
    return new Environment(
        cpuName(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
  }

  /**
   * Says where it was, in one line.
   *
   * @return text such as {@code Xeon (amd64), 2 processors, Linux 6.1, OpenJDK 64-Bit Server VM 17}
   */
  public String describe() {
    return cpu + ", " + processors + " processors, " + os + ", " + jvm;
  }

  private static String cpuName() {
    String architecture = System.getProperty("os.arch", "unknown");
    try {
      for (String line : Files.readAllLines(CPUINFO, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip() + " (" + architecture + ")";
        }
      }
    } catch (IOException e) {
      return architecture;
    }
    return architecture;
  }
}

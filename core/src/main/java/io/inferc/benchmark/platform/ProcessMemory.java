package io.inferc.benchmark.platform;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The memory of the whole process at one moment: all models and the JVM together, as a runtime does
 * not say what is one model's. Bytes throughout.
 *
 * @param resident what the process has in memory, empty where the system does not tell
 * @param peakResident the most that it ever had
 * @param heapUsed what the Java heap holds, garbage included
 * @param heapCommitted what the Java heap has from the system
 * @param direct what direct buffers of the JVM hold; memory that native code took is in {@code
 *     resident} alone
 * @param mapped what files mapped by the JVM span, in memory or not
 */
public record ProcessMemory(
    OptionalLong resident,
    OptionalLong peakResident,
    long heapUsed,
    long heapCommitted,
    long direct,
    long mapped) {

  /**
   * Looks at this process.
   *
   * @return its memory
   */
  public static ProcessMemory now() {
    return of(SystemFiles.REAL.text("proc/self/status").orElse(""));
  }

  static ProcessMemory of(String status) {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    return new ProcessMemory(
        field(status, "VmRSS"),
        field(status, "VmHWM"),
        heap.getUsed(),
        heap.getCommitted(),
        pool("direct"),
        pool("mapped"));
  }

  /** Reads a line such as {@code VmRSS: 1668 kB} of {@code /proc/self/status}. */
  static OptionalLong field(String status, String name) {
    Optional<String> line =
        status.lines().filter(l -> l.startsWith(name + ":") && l.endsWith("kB")).findFirst();
    return line.map(
            l -> Numbers.parseLong(l.substring(name.length() + 1, l.length() - "kB".length())))
        .map(kib -> Numbers.scaled(kib, Numbers.KIB))
        .orElse(OptionalLong.empty());
  }

  private static long pool(String name) {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals(name))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .filter(used -> used > 0)
        .sum();
  }

  /** The largest of each figure of two. */
  ProcessMemory max(ProcessMemory other) {
    return new ProcessMemory(
        larger(resident, other.resident),
        larger(peakResident, other.peakResident),
        Math.max(heapUsed, other.heapUsed),
        Math.max(heapCommitted, other.heapCommitted),
        Math.max(direct, other.direct),
        Math.max(mapped, other.mapped));
  }

  static OptionalLong larger(OptionalLong a, OptionalLong b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.isEmpty() ? b : a;
    }
    return OptionalLong.of(Math.max(a.getAsLong(), b.getAsLong()));
  }
}

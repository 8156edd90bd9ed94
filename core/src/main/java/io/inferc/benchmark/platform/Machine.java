package io.inferc.benchmark.platform;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What of a machine moves a measurement: how it is clocked, limited, loaded, and what else is in
 * it.
 *
 * @param processor how the processor computes and is clocked
 * @param limits what a container lets this process have
 * @param loadAverage how many threads ran or wanted to on average in the minute before, over all
 *     processes; above the number of processors, others slow the run
 * @param gpus the GPUs, empty if there is none or its driver does not answer
 * @param jvmFlags the options of the JVM: switches and sizes as given, of others only the names
 */
public record Machine(
    Processor processor,
    ControlGroup limits,
    OptionalDouble loadAverage,
    List<Gpu> gpus,
    List<String> jvmFlags) {
  /** Copies the lists. */
  public Machine {
    Objects.requireNonNull(processor, "processor");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(loadAverage, "loadAverage");
    gpus = List.copyOf(gpus);
    jvmFlags = List.copyOf(jvmFlags);
  }

  /**
   * Looks at this machine; with a GPU of NVIDIA, that takes some 100 ms.
   *
   * @return what it tells at this moment
   */
  public static Machine current() {
    return of(
        SystemFiles.REAL,
        Gpu.all(SystemFiles.REAL),
        ManagementFactory.getRuntimeMXBean().getInputArguments());
  }

  /**
   * Returns a machine of which nothing is known.
   *
   * @return it
   */
  public static Machine unknown() {
    return new Machine(
        new Processor(List.of(), Optional.empty(), Optional.empty(), OptionalLong.empty()),
        new ControlGroup(OptionalDouble.empty(), OptionalLong.empty()),
        OptionalDouble.empty(),
        List.of(),
        List.of());
  }

  static Machine of(SystemFiles files, List<Gpu> gpus, List<String> jvmArguments) {
    return new Machine(
        Processor.of(files),
        ControlGroup.of(files),
        loadAverage(files.text("proc/loadavg").orElse("")),
        gpus,
        JvmFlags.shown(jvmArguments));
  }

  /** Reads the first number of {@code /proc/loadavg}. */
  static OptionalDouble loadAverage(String text) {
    return Numbers.parseDouble(text.strip().split("\\s+", 2)[0]);
  }

  /**
   * Returns what is known, a fact a line.
   *
   * @return lines such as {@code frequency governor: performance}; what is not known is left out
   */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (!processor.features().isEmpty()) {
      lines.add("instruction sets: " + String.join(", ", processor.features()));
    }
    processor.governor().ifPresent(g -> lines.add("frequency governor: " + g));
    processor.turbo().ifPresent(on -> lines.add("turbo: " + (on ? "on" : "off")));
    processor
        .lastLevelCacheBytes()
        .ifPresent(bytes -> lines.add("last-level cache: " + bytes / Numbers.KIB + " KiB"));
    limits
        .cpus()
        .ifPresent(c -> lines.add(String.format(Locale.ROOT, "limit of processors: %.3g", c)));
    limits.memoryBytes().ifPresent(b -> lines.add("limit of memory: " + Numbers.bytes(b)));
    loadAverage.ifPresent(
        l -> lines.add(String.format(Locale.ROOT, "load average at the start: %.2f", l)));
    gpus.forEach(gpu -> lines.add("GPU: " + gpu));
    if (!jvmFlags.isEmpty()) {
      lines.add("JVM options: " + String.join(" ", jvmFlags));
    }
    return lines;
  }
}

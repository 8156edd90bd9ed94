package io.inferc.benchmark;

import io.inferc.benchmark.platform.CpuTimes;
import io.inferc.benchmark.platform.Machine;
import io.inferc.benchmark.statistics.RatioEstimate;
import io.inferc.runtime.CompiledModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Where a measurement was made, and what disturbed it.
 *
 * @param cpu the processor, as far as the system tells
 * @param processors how many of them the JVM may use
 * @param os the operating system
 * @param jvm the virtual machine
 * @param machine how it is clocked, limited and loaded, its GPUs, and the JVM's options
 * @param backEnds the versions of the runtimes that were measured, by the back end's name
 * @param stolen the share of the processors' time that the host gave to others during the
 *     measurement, from 0 to 1; empty where the system does not tell
 * @param noise the ratio that a comparison of one subject with itself gave here: what differs less
 *     is no difference
 */
public record Environment(
    String cpu,
    int processors,
    String os,
    String jvm,
    Machine machine,
    Map<String, String> backEnds,
    OptionalDouble stolen,
    Optional<RatioEstimate> noise) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  /** Copies the map. */
  public Environment {
    Objects.requireNonNull(machine, "machine");
    Objects.requireNonNull(stolen, "stolen");
    Objects.requireNonNull(noise, "noise");
    backEnds = Map.copyOf(backEnds);
  }

  /**
   * Describes a machine of which no more is known.
   *
   * @param cpu the processor
   * @param processors how many of them the JVM may use
   * @param os the operating system
   * @param jvm the virtual machine
   */
  public Environment(String cpu, int processors, String os, String jvm) {
    this(
        cpu,
        processors,
        os,
        jvm,
        Machine.unknown(),
        Map.of(),
        OptionalDouble.empty(),
        Optional.empty());
  }

  /**
   * Describes this machine as it is at this moment: call it before a measurement, which loads it.
   *
   * @return the environment, without figures of a measurement
   */
  public static Environment current() {
    return new Environment(
        cpuName(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        Machine.current(),
        Map.of(),
        OptionalDouble.empty(),
        Optional.empty());
  }

  /**
   * Adds the versions of the runtimes that models run on.
   *
   * @param models that are measured
   * @return a copy
   */
  public Environment withBackEnds(CompiledModel... models) {
    Objects.requireNonNull(models, "models");
    Map<String, String> versions = new TreeMap<>(backEnds);
    for (CompiledModel model : models) {
      Objects.requireNonNull(model, "models");
      versions.put(model.target().backend(), model.backendVersion());
    }
    return new Environment(cpu, processors, os, jvm, machine, versions, stolen, noise);
  }

  /**
   * Adds the time that the host gave to others.
   *
   * @param before the counters when the measurement started
   * @return a copy with the share up to this moment
   */
  public Environment stolenSince(CpuTimes before) {
    Objects.requireNonNull(before, "before");
    OptionalDouble share =
        CpuTimes.now().map(now -> now.stolenSince(before)).orElse(OptionalDouble.empty());
    return new Environment(cpu, processors, os, jvm, machine, backEnds, share, noise);
  }

  /**
   * Adds what a comparison of one subject with itself gave.
   *
   * @param sameAgainstSame the ratio, whose interval ought to hold 1
   * @return a copy
   */
  public Environment withNoise(RatioEstimate sameAgainstSame) {
    Objects.requireNonNull(sameAgainstSame, "sameAgainstSame");
    return new Environment(
        cpu, processors, os, jvm, machine, backEnds, stolen, Optional.of(sameAgainstSame));
  }

  /**
   * Says where it was, in one line.
   *
   * @return text such as {@code Xeon (amd64), 2 processors, Linux 6.1, OpenJDK 64-Bit Server VM 17}
   */
  public String describe() {
    return cpu + ", " + processors + " processors, " + os + ", " + jvm;
  }

  /**
   * Says all that is known, a fact a line.
   *
   * @return {@link #describe()}, then lines such as {@code frequency governor: performance}
   */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(describe());
    lines.addAll(machine.lines());
    new TreeMap<>(backEnds).forEach((name, version) -> lines.add(name + " " + version));
    stolen.ifPresent(
        s ->
            lines.add(
                String.format(Locale.ROOT, "time that the host gave to others: %.2f %%", 100 * s)));
    noise.ifPresent(r -> lines.add("the same subject against itself: " + r));
    return lines;
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

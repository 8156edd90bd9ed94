package io.inferc.spi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How many of the machine's processors this process may use. Runtimes that make their own threads
 * look at the machine: in a container with a quota, or bound to some processors, they make as many
 * as it has cores, which then wait for each other.
 *
 * <pre>{@code
 * ProcessorShare.here().threads().ifPresent(options::setIntraOpNumThreads);
 * }</pre>
 *
 * @param available what the Java runtime found: the processors that the process is bound to, or its
 *     quota of time if that is less, or what {@code -XX:ActiveProcessorCount} says
 * @param bound how many processors the process may run on, quota or not; empty where that is not
 *     known
 * @param cores the machine's cores, of which each may have several processors; empty where they are
 *     not known
 */
public record ProcessorShare(int available, OptionalInt bound, OptionalInt cores) {
  private static final Path CPUS = Path.of("/sys/devices/system/cpu");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ALLOWED = "Cpus_allowed_list:";

  /**
   * Returns the share of this process as it is now.
   *
   * @return the share
   */
  public static ProcessorShare here() {
    return new ProcessorShare(
        Runtime.getRuntime().availableProcessors(), bound(STATUS), Machine.CORES);
  }

  /** Read once, when first asked for: each model that is opened asks. */
  private static final class Machine {
    static final OptionalInt CORES = cores(CPUS);

    private Machine() {}
  }

  /**
   * Returns how many threads a runtime should make that looks at the machine alone.
   *
   * @return as many as there are processors for this process; empty where these are as many as the
   *     machine has cores or more, or that is not known, so that the runtime knows best
   */
  public OptionalInt threads() {
    return cores.isPresent() && available < cores.getAsInt()
        ? OptionalInt.of(available)
        : OptionalInt.empty();
  }

  /**
   * Returns how many threads a runtime should make that heeds the processors that a process is
   * bound to, but no quota.
   *
   * @return {@link #threads}, empty where the process is bound to no more processors than that
   */
  public OptionalInt threadsOfQuota() {
    return bound.isPresent() && available < bound.getAsInt() ? threads() : OptionalInt.empty();
  }

  /** Returns text such as {@code 2 processors on 16 cores}. */
  @Override
  public String toString() {
    return available
        + (available == 1 ? " processor" : " processors")
        + (threads().isPresent() ? " on " + cores.getAsInt() + " cores" : "");
  }

  static OptionalInt bound(Path status) {
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith(ALLOWED))
          .findFirst()
          .map(line -> count(line.substring(ALLOWED.length())))
          .orElse(OptionalInt.empty());
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }

  /** Counts the cores whose processors are on. */
  static OptionalInt cores(Path cpus) {
    try (Stream<Path> all = Files.list(cpus)) {
      Set<String> siblings = new HashSet<>();
      for (Path cpu : all.filter(p -> p.getFileName().toString().matches("cpu\\d+")).toList()) {
        Path list = cpu.resolve("topology").resolve("thread_siblings_list");
        // A processor that is off has no topology.
        if (Files.isReadable(list)) {
          siblings.add(Files.readString(list).strip());
        }
      }
      return siblings.isEmpty() ? OptionalInt.empty() : OptionalInt.of(siblings.size());
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }

  /**
   * Counts a list of processors.
   *
   * @param list text such as {@code 0-3,8}
   */
  static OptionalInt count(String list) {
    int count = 0;
    for (String range : list.strip().split(",", -1)) {
      String[] ends = range.split("-", -1);
      try {
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[ends.length - 1]);
        if (ends.length > 2 || first < 0 || last < first) {
          return OptionalInt.empty();
        }
        count += last - first + 1;
      } catch (NumberFormatException e) {
        return OptionalInt.empty();
      }
    }
    return OptionalInt.of(count);
  }
}

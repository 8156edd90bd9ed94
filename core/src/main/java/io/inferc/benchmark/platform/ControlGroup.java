package io.inferc.benchmark.platform;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a container or service manager lets this process have: the narrowest limits of its control
 * groups, of version 1 or 2, and of all groups around them that can be seen.
 *
 * @param cpus how many processors' time it may take, for example 1.5; empty if that is not limited
 * @param memoryBytes how much memory it may take; empty if that is not limited
 */
public record ControlGroup(OptionalDouble cpus, OptionalLong memoryBytes) {
  private static final String MOUNT = "sys/fs/cgroup";

  /** Version 1 writes the largest number of whole pages for "no limit". */
  private static final long UNLIMITED = 1L << 60;

  /** Checks that nothing is missing. */
  public ControlGroup {
    Objects.requireNonNull(cpus, "cpus");
    Objects.requireNonNull(memoryBytes, "memoryBytes");
  }

  static ControlGroup of(SystemFiles files) {
    ControlGroup limits = new ControlGroup(OptionalDouble.empty(), OptionalLong.empty());
    String groups = files.text("proc/self/cgroup").orElse("");
    for (String line : groups.lines().toList()) {
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      String path = parts[2];
      if (parts[1].isEmpty()) {
        // Alone, version 2 has the mount for itself; beside version 1, a folder in it.
        limits = limits.within(version2(files, MOUNT, path));
        limits = limits.within(version2(files, MOUNT + "/unified", path));
      }
      for (String controller : parts[1].split(",", -1)) {
        if (controller.equals("cpu")) {
          limits = limits.within(version1Cpu(files, parts[1], path));
        } else if (controller.equals("memory")) {
          limits = limits.within(version1Memory(files, path));
        }
      }
    }
    return limits;
  }

  private static ControlGroup version2(SystemFiles files, String mount, String path) {
    ControlGroup limits = new ControlGroup(OptionalDouble.empty(), OptionalLong.empty());
    for (String folder = path; ; folder = parent(folder)) {
      String at = folder(mount, folder);
      limits =
          limits.within(
              new ControlGroup(
                  cpuMax(files.word(at + "cpu.max").orElse("")),
                  limit(files.word(at + "memory.max"))));
      if (parent(folder).equals(folder)) {
        return limits;
      }
    }
  }

  private static ControlGroup version1Cpu(SystemFiles files, String controllers, String path) {
    ControlGroup limits = new ControlGroup(OptionalDouble.empty(), OptionalLong.empty());
    for (String folder = path; ; folder = parent(folder)) {
      for (String mount : new String[] {MOUNT + "/cpu", MOUNT + "/" + controllers}) {
        String at = folder(mount, folder);
        OptionalDouble cpus =
            quota(files.number(at + "cpu.cfs_quota_us"), files.number(at + "cpu.cfs_period_us"));
        limits = limits.within(new ControlGroup(cpus, OptionalLong.empty()));
      }
      if (parent(folder).equals(folder)) {
        return limits;
      }
    }
  }

  private static ControlGroup version1Memory(SystemFiles files, String path) {
    ControlGroup limits = new ControlGroup(OptionalDouble.empty(), OptionalLong.empty());
    for (String folder = path; ; folder = parent(folder)) {
      String at = folder(MOUNT + "/memory", folder);
      limits =
          limits.within(
              new ControlGroup(
                  OptionalDouble.empty(), limit(files.word(at + "memory.limit_in_bytes"))));
      if (parent(folder).equals(folder)) {
        return limits;
      }
    }
  }

  /** Reads {@code cpu.max}, such as {@code 150000 100000} or {@code max 100000}. */
  static OptionalDouble cpuMax(String text) {
    String[] words = text.strip().split("\\s+", -1);
    return words.length == 2
        ? quota(Numbers.parseLong(words[0]), Numbers.parseLong(words[1]))
        : OptionalDouble.empty();
  }

  private static OptionalDouble quota(OptionalLong quota, OptionalLong period) {
    return quota.orElse(-1) > 0 && period.orElse(-1) > 0
        ? OptionalDouble.of((double) quota.getAsLong() / period.getAsLong())
        : OptionalDouble.empty();
  }

  private static OptionalLong limit(Optional<String> text) {
    OptionalLong bytes = text.map(Numbers::parseLong).orElse(OptionalLong.empty());
    return bytes.isPresent() && bytes.getAsLong() < UNLIMITED ? bytes : OptionalLong.empty();
  }

  private ControlGroup within(ControlGroup other) {
    OptionalDouble fewest = cpus;
    if (fewest.isEmpty() || other.cpus.orElse(Double.POSITIVE_INFINITY) < fewest.getAsDouble()) {
      fewest = other.cpus;
    }
    OptionalLong least = memoryBytes;
    if (least.isEmpty() || other.memoryBytes.orElse(Long.MAX_VALUE) < least.getAsLong()) {
      least = other.memoryBytes;
    }
    return new ControlGroup(fewest, least);
  }

  private static String folder(String mount, String path) {
    return mount + (path.equals("/") ? "/" : path + "/");
  }

  private static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }
}

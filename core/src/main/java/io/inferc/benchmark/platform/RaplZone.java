package io.inferc.benchmark.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A counter of energy in the processor (Running Average Power Limit, of Intel and AMD), as the
 * kernel's {@code powercap} shows it: microjoules that begin anew at a bound. See the kernel's
 * documentation, "Power Capping Framework", and Intel's Software Developer's Manual, volume 3,
 * section "Package RAPL Domain".
 */
final class RaplZone {
  private static final String FOLDER = "sys/class/powercap";
  private static final String COUNTER = "/energy_uj";

  private final SystemFiles files;
  private final String path;
  private final String name;
  private final long range;
  private long last;
  private long microjoules;

  private RaplZone(SystemFiles files, String path, String name, long range, long first) {
    this.files = files;
    this.path = path;
    this.name = name;
    this.range = range;
    last = first;
  }

  /**
   * Finds packages and the memory beside them. Cores and uncore are in the package already, and
   * "psys" has all of these in it, so their counters would count twice; so would those of
   * "intel-rapl-mmio", which are the package's by another way.
   *
   * @param problems gets what could not be read, and why
   */
  static List<RaplZone> find(SystemFiles files, List<String> problems) {
    List<RaplZone> zones = new ArrayList<>();
    for (String zone : files.names(FOLDER, "intel-rapl:*")) {
      String path = FOLDER + "/" + zone;
      String name = files.word(path + "/name").orElse("");
      if (!name.startsWith("package") && !name.equals("dram")) {
        continue;
      }
      OptionalLong first = files.number(path + COUNTER);
      if (first.isPresent()) {
        long range = files.number(path + "/max_energy_range_uj").orElse(0);
        zones.add(new RaplZone(files, path, label(files, zone, name), range, first.getAsLong()));
      } else {
        problems.add(
            "The processor's energy counter /"
                + path
                + COUNTER
                + " exists, but cannot be read; Linux lets root alone read it. Run as root, or let"
                + " the administrator allow reading (chmod a+r).");
      }
    }
    if (zones.isEmpty() && problems.isEmpty()) {
      problems.add(
          "The system shows no energy counter of the processor (no package below /"
              + FOLDER
              + "), as in most virtual machines and containers.");
    }
    return zones;
  }

  /** The memory of a package has the package's number in its own. */
  private static String label(SystemFiles files, String zone, String name) {
    if (!name.equals("dram") || zone.indexOf(':') == zone.lastIndexOf(':')) {
      return name + " (all cores and caches of a processor)";
    }
    String parent = zone.substring(0, zone.lastIndexOf(':'));
    return "memory at " + files.word(FOLDER + "/" + parent + "/name").orElse(parent);
  }

  /** Counts from now on. */
  void restart() {
    update();
    microjoules = 0;
  }

  /** Reads on; must be called at least once in the time in which the counter comes round. */
  void update() {
    OptionalLong now = files.number(path + COUNTER);
    if (now.isPresent()) {
      microjoules += difference(last, now.getAsLong(), range);
      last = now.getAsLong();
    }
  }

  /** What was drawn between two readings; a counter that begins anew has passed its range. */
  static long difference(long before, long after, long range) {
    if (after >= before) {
      return after - before;
    }
    return range >= before ? range - before + after : 0;
  }

  EnergyReading.Part part() {
    return new EnergyReading.Part(name, "counted by the processor (RAPL)", microjoules / 1e6);
  }
}

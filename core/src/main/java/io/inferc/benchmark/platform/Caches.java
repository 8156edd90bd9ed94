package io.inferc.benchmark.platform;

import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/** The last-level caches of all processors together. */
final class Caches {
  private static final String CPU = "sys/devices/system/cpu";

  private Caches() {}

  static OptionalLong lastLevelBytes(SystemFiles files) {
    OptionalLong one = Processor.of(files).lastLevelCacheBytes();
    if (one.isEmpty()) {
      return one;
    }
    Set<String> groups = new HashSet<>();
    for (String cpu : files.names(CPU, "cpu[0-9]*")) {
      String folder = CPU + "/" + cpu + "/cache";
      long level = 0;
      String shared = cpu;
      for (String index : files.names(folder, "index*")) {
        long its = files.number(folder + "/" + index + "/level").orElse(0);
        if (its > level) {
          level = its;
          shared = files.word(folder + "/" + index + "/shared_cpu_list").orElse(cpu);
        }
      }
      if (level == 0) {
        // A processor that is off has none.
        continue;
      }
      groups.add(shared);
    }
    return OptionalLong.of(one.getAsLong() * Math.max(1, groups.size()));
  }
}

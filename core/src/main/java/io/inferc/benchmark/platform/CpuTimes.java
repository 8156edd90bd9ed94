package io.inferc.benchmark.platform;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What all processors of the machine have done since it started, in the kernel's ticks; taken
 * before and after a run, it tells how much of the time a hypervisor gave to others.
 *
 * @param total ticks of all processors together
 * @param idle of them, those in which nothing was to be done
 * @param stolen of them, those in which this machine wanted to run, but its host ran others
 */
public record CpuTimes(long total, long idle, long stolen) {
  /** The columns of {@code /proc/stat}; those after steal are contained in the first two. */
  private static final int COLUMNS = 8;

  private static final int IDLE = 3;
  private static final int WAITING = 4;
  private static final int STEAL = 7;

  /**
   * Reads the counters.
   *
   * @return the counters, empty where the system does not tell
   */
  public static Optional<CpuTimes> now() {
    return parse(SystemFiles.REAL.text("proc/stat").orElse(""));
  }

  /** Reads the first line of {@code /proc/stat}. */
  static Optional<CpuTimes> parse(String stat) {
    String[] words = stat.lines().findFirst().orElse("").strip().split("\\s+", -1);
    if (words.length <= COLUMNS || !words[0].equals("cpu")) {
      return Optional.empty();
    }
    long total = 0;
    long[] ticks = new long[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
      OptionalLong value = Numbers.parseLong(words[i + 1]);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      ticks[i] = value.getAsLong();
      total += ticks[i];
    }
    return Optional.of(new CpuTimes(total, ticks[IDLE] + ticks[WAITING], ticks[STEAL]));
  }

  /**
   * Returns the share of the processors' time that the host gave to others.
   *
   * @param before the counters at the start of the run
   * @return from 0 to 1; empty if no tick passed
   */
  public OptionalDouble stolenSince(CpuTimes before) {
    Objects.requireNonNull(before, "before");
    return share(stolen - before.stolen, total - before.total);
  }

  /**
   * Returns the share of the time in which this machine's processors did something, for this
   * process or others.
   *
   * @param before the counters at the start of the run
   * @return from 0 to 1; empty if no tick passed
   */
  public OptionalDouble busySince(CpuTimes before) {
    Objects.requireNonNull(before, "before");
    long ticks = total - before.total;
    return share(ticks - (idle - before.idle) - (stolen - before.stolen), ticks);
  }

  private static OptionalDouble share(long part, long of) {
    return of <= 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.min(1, Math.max(0, (double) part / of)));
  }
}

package io.inferc.benchmark.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The energy of a span of time. It is what the named parts of the machine drew, for whatever ran on
 * them and for being on: other processes' share is in it, and so is what they draw when idle. What
 * is not named, such as the power supply, fans and disks, is not.
 *
 * @param parts what was measured; parts do not overlap
 * @param seconds how long
 * @param unavailable what could not be measured and why, as whole sentences
 */
public record EnergyReading(List<Part> parts, double seconds, List<String> unavailable) {
  private static final double JOULES_PER_WATT_HOUR = 3600;

  /**
   * The energy of one part of the machine.
   *
   * @param covers the part, for example {@code package-0 (all cores and caches of a processor)}
   * @param method how it was measured
   * @param joules that it drew
   */
  public record Part(String covers, String method, double joules) {}

  /** Copies the lists. */
  public EnergyReading {
    parts = List.copyOf(parts);
    unavailable = List.copyOf(unavailable);
  }

  /**
   * Returns the energy of all parts.
   *
   * @return joules, empty if none was measured
   */
  public OptionalDouble joules() {
    return parts.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(parts.stream().mapToDouble(Part::joules).sum());
  }

  /**
   * Returns the energy of a request.
   *
   * @param requests how many were served in that time, 1 or more
   * @return joules of all parts, empty if none was measured
   * @throws IllegalArgumentException if there were no requests
   */
  public OptionalDouble joulesPer(long requests) {
    if (requests < 1) {
      throw new IllegalArgumentException(
          "Tried to state the energy of a request, but there were "
              + requests
              + "; count 1 or more.");
    }
    OptionalDouble all = joules();
    return all.isEmpty() ? all : OptionalDouble.of(all.getAsDouble() / requests);
  }

  /**
   * Returns the mean power of all parts.
   *
   * @return watts, empty if none was measured
   */
  public OptionalDouble watts() {
    OptionalDouble all = joules();
    return all.isEmpty() || !(seconds > 0)
        ? OptionalDouble.empty()
        : OptionalDouble.of(all.getAsDouble() / seconds);
  }

  /**
   * Says all of it, a fact a line.
   *
   * @return a line for each part and for each that could not be measured
   */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Part part : parts) {
      lines.add(
          String.format(
              Locale.ROOT, "%s: %.4g J, %s", part.covers(), part.joules(), part.method()));
    }
    lines.addAll(unavailable);
    return lines;
  }

  /** Returns text such as {@code 412.3 J in 10.00 s (41.2 W)}. */
  @Override
  public String toString() {
    OptionalDouble all = joules();
    return all.isEmpty()
        ? "energy not measured: " + String.join(" ", unavailable)
        : String.format(
            Locale.ROOT,
            "%.4g J (%.3g Wh) in %.2f s, %.4g W",
            all.getAsDouble(),
            all.getAsDouble() / JOULES_PER_WATT_HOUR,
            seconds,
            watts().orElse(0));
  }
}

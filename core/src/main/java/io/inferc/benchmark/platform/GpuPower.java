package io.inferc.benchmark.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The energy of NVIDIA's GPUs, from samples of their power: the driver's tool shows no counter of
 * energy.
 */
final class GpuPower implements AutoCloseable {
  static final long EVERY_MILLIS = 100;
  private static final int LEAST_SAMPLES = 3;
  private static final long LONGEST_SILENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final String INSTANT = "power.draw.instant";
  private static final String MEAN = "power.draw";

  private final Map<String, Integral> gpus = new TreeMap<>();
  private final String field;
  private final long start;
  private Optional<SmiLoop> loop = Optional.empty();

  GpuPower(String field, long start) {
    this.field = field;
    this.start = start;
  }

  /** Starts to sample, if there is a GPU; older drivers tell the mean of a time alone. */
  static Optional<GpuPower> start() {
    Optional<String> told = Stream.of(INSTANT, MEAN).filter(GpuPower::isTold).findFirst();
    if (told.isEmpty()) {
      return Optional.empty();
    }
    String field = told.get();
    GpuPower power = new GpuPower(field, System.nanoTime());
    power.loop =
        SmiLoop.start(
            NvidiaSmi.repeated(EVERY_MILLIS, "index", "name", field),
            3,
            row -> power.add(row, System.nanoTime()));
    return Optional.of(power);
  }

  /** Whether a GPU tells a number; some say that they have none. */
  private static boolean isTold(String field) {
    return NvidiaSmi.query(field).stream()
        .anyMatch(row -> Numbers.parseDouble(row.get(0)).isPresent());
  }

  /** Takes a row of index, name and watts. */
  synchronized void add(List<String> row, long nanos) {
    Numbers.parseDouble(row.get(2))
        .ifPresent(
            watts ->
                gpus.computeIfAbsent(
                        "GPU " + row.get(0) + ", " + row.get(1), name -> new Integral(start))
                    .add(nanos, watts));
  }

  /** Returns the energy up to a moment. */
  synchronized List<EnergyReading.Part> parts(long end, List<String> problems) {
    List<EnergyReading.Part> parts = new ArrayList<>();
    gpus.forEach(
        (name, power) -> {
          if (power.samples < LEAST_SAMPLES) {
            problems.add(
                "The power of "
                    + name
                    + " was sampled "
                    + power.samples
                    + " times, which is too few; measure for a second or more.");
          } else if (end - power.time > LONGEST_SILENCE_NANOS) {
            problems.add(
                String.format(
                    Locale.ROOT,
                    "The power of %s was told for the last time %.1f s before the end: the driver's"
                        + " tool ended, or waits.",
                    name,
                    (end - power.time) / 1e9));
          } else {
            parts.add(
                new EnergyReading.Part(
                    name + " (the whole board, for all processes)",
                    String.format(
                        Locale.ROOT,
                        "from %,d samples of its power (%s, %s)",
                        power.samples,
                        field,
                        field.equals(INSTANT) ? "at moments" : "a mean of up to a second before"),
                    power.joules(end)));
          }
        });
    if (gpus.isEmpty()) {
      problems.add(
          "NVIDIA's driver told no power of a GPU in that time; measure for a second or more.");
    }
    return parts;
  }

  @Override
  public void close() {
    loop.ifPresent(SmiLoop::close);
  }

  /**
   * The area below samples, joined by straight lines; level before the first and after the last.
   */
  static final class Integral {
    private long time;
    private double watts = Double.NaN;
    private double joules;
    private int samples;

    Integral(long start) {
      time = start;
    }

    void add(long nanos, double now) {
      double before = Double.isNaN(watts) ? now : watts;
      joules += Math.max(0, nanos - time) / 1e9 * (before + now) / 2;
      time = nanos;
      watts = now;
      samples++;
    }

    double joules(long end) {
      return joules + Math.max(0, end - time) / 1e9 * watts;
    }
  }
}

package io.inferc.benchmark.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Measures the energy that processors and GPUs draw while something runs, where the platform tells.
 *
 * <p>Processors count it themselves (RAPL, of Intel and AMD, on Linux); {@link EnergyReading#parts}
 * are whole packages and the memory beside them. The power of NVIDIA's GPUs is sampled ten times a
 * second by a process of the driver's tool; parts are whole boards. All GPUs of the machine are
 * measured: of a model on one of several, take the part of that one.
 *
 * <p>Safe for use by several threads.
 */
public final class EnergyMeter implements AutoCloseable {
  /** Counters of 2^32 steps come round after minutes at the soonest. */
  private static final long UPDATE_SECONDS = 5;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<String> problems = new ArrayList<>();
  private final List<RaplZone> zones;
  private final Optional<GpuPower> gpus;
  private final long start;

  private EnergyMeter(SystemFiles files, boolean withGpus) {
    zones = RaplZone.find(files, problems);
    gpus = withGpus ? GpuPower.start() : Optional.empty();
    if (gpus.isEmpty()) {
      problems.add("No power of a GPU was sampled: nvidia-smi is not there or tells of none.");
    }
    start = System.nanoTime();
    // The counters were first read before the GPUs' driver was asked.
    zones.forEach(RaplZone::restart);
  }

  /**
   * Starts to measure.
   *
   * @return the meter, to be closed
   */
  public static EnergyMeter start() {
    return start(SystemFiles.REAL, true);
  }

  static EnergyMeter start(SystemFiles files, boolean withGpus) {
    EnergyMeter meter = new EnergyMeter(files, withGpus);
    if (!meter.zones.isEmpty()) {
      Thread thread = new Thread(meter::watch, "inferc-energy-meter");
      thread.setDaemon(true);
      thread.start();
    }
    return meter;
  }

  /**
   * Stops to measure. Call it once, at the end of what is measured.
   *
   * @return what was drawn since the start
   */
  public EnergyReading stop() {
    long end = System.nanoTime();
    List<EnergyReading.Part> parts = new ArrayList<>();
    List<String> unavailable = new ArrayList<>(problems);
    synchronized (zones) {
      for (RaplZone zone : zones) {
        zone.update();
        parts.add(zone.part());
      }
    }
    gpus.ifPresent(power -> parts.addAll(power.parts(end, unavailable)));
    close();
    return new EnergyReading(parts, (end - start) / 1e9, unavailable);
  }

  /**
   * Tells whether there is anything that tells of energy.
   *
   * @return false if a reading will have no figure, but the reasons
   */
  public boolean isAvailable() {
    return !zones.isEmpty() || gpus.isPresent();
  }

  /** Ends the thread and the process that measure, if they still run. */
  @Override
  public void close() {
    stop.countDown();
    gpus.ifPresent(GpuPower::close);
  }

  private void watch() {
    try {
      while (!stop.await(UPDATE_SECONDS, TimeUnit.SECONDS)) {
        synchronized (zones) {
          zones.forEach(RaplZone::update);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.inferc.benchmark.platform;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Watches the memory of this process and of the GPUs while something runs.
 *
 * <pre>{@code
 * try (MemorySampler sampler = MemorySampler.start(Duration.ofMillis(100))) {
 *   test.run(subject, requests);
 *   System.out.println(sampler.stop());
 * }
 * }</pre>
 *
 * <p>A thread of its own looks at intervals and takes no more than a hundredth of one processor's
 * time: where a look takes long, it waits longer. NVIDIA's driver is asked once a second by one
 * process of its tool. Safe for use by several threads.
 */
public final class MemorySampler implements AutoCloseable {
  private static final int IDLE_PER_BUSY = 99;
  private static final long DEVICE_MILLIS = 1000;
  private static final long LEAST_MILLIS = 1;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private final long intervalNanos;
  private final SystemFiles files;
  private final Map<String, Long> nvidia = new ConcurrentHashMap<>();
  private final Optional<SmiLoop> loop;
  private final ProcessMemory before;
  private final OptionalLong deviceBefore;
  private ProcessMemory peak;
  private OptionalLong devicePeak;
  private int samples = 1;

  private MemorySampler(Duration interval, SystemFiles files) {
    this.files = files;
    intervalNanos = interval.toNanos();
    before = ProcessMemory.now();
    peak = before;
    deviceBefore = device(files);
    devicePeak = deviceBefore;
    loop =
        NvidiaSmi.query("memory.used").isEmpty()
            ? Optional.empty()
            : SmiLoop.start(
                NvidiaSmi.repeated(DEVICE_MILLIS, "index", "memory.used"),
                2,
                row ->
                    Numbers.parseLong(row.get(1))
                        .ifPresent(mib -> nvidia.put(row.get(0), mib * Numbers.MIB)));
    thread = new Thread(this::watch, "inferc-memory-sampler");
    thread.setDaemon(true);
  }

  /**
   * Starts to watch.
   *
   * @param interval between two looks, 1 ms or more, for example 100 ms
   * @return the sampler, to be closed
   * @throws IllegalArgumentException if the interval is too short
   */
  public static MemorySampler start(Duration interval) {
    Objects.requireNonNull(interval, "interval");
    if (interval.compareTo(Duration.ofMillis(LEAST_MILLIS)) < 0) {
      throw new IllegalArgumentException(
          "Tried to look at memory every "
              + interval
              + "; give "
              + LEAST_MILLIS
              + " ms or more, for example 100 ms.");
    }
    MemorySampler sampler = new MemorySampler(interval, SystemFiles.REAL);
    sampler.thread.start();
    return sampler;
  }

  /**
   * Stops to watch; later calls look at the end anew.
   *
   * @return what was seen
   */
  public MemoryFigures stop() {
    close();
    ProcessMemory after = ProcessMemory.now();
    OptionalLong deviceAfter = device(files);
    synchronized (this) {
      note(after, deviceAfter);
      OptionalLong resident = MemoryFigures.peakResident(before, after, peak.resident());
      ProcessMemory most =
          new ProcessMemory(
              resident,
              peak.peakResident(),
              peak.heapUsed(),
              peak.heapCommitted(),
              peak.direct(),
              peak.mapped());
      return new MemoryFigures(before, after, most, deviceBefore, deviceAfter, devicePeak, samples);
    }
  }

  /** Ends the thread and the process that ask, if they still run. */
  @Override
  public void close() {
    stop.countDown();
    loop.ifPresent(SmiLoop::close);
  }

  private void watch() {
    try {
      long pause = intervalNanos;
      while (!stop.await(pause, TimeUnit.NANOSECONDS)) {
        long start = System.nanoTime();
        ProcessMemory now = ProcessMemory.now();
        OptionalLong used = sum(nvidia);
        synchronized (this) {
          note(now, used.isPresent() ? used : amd(files));
        }
        long took = System.nanoTime() - start;
        pause = Math.max(intervalNanos - took, IDLE_PER_BUSY * took);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void note(ProcessMemory now, OptionalLong device) {
    peak = peak.max(now);
    devicePeak = ProcessMemory.larger(devicePeak, device);
    samples++;
  }

  /** Asks now, for which NVIDIA's tool takes tens of milliseconds. */
  private static OptionalLong device(SystemFiles files) {
    long bytes = 0;
    boolean known = false;
    for (Gpu gpu : Gpu.nvidia(NvidiaSmi.query(Gpu.fields()), Optional.empty())) {
      known |= gpu.usedBytes().isPresent();
      bytes += gpu.usedBytes().orElse(0);
    }
    return known ? OptionalLong.of(bytes) : amd(files);
  }

  private static OptionalLong amd(SystemFiles files) {
    long[] used =
        Gpu.amd(files).stream()
            .map(Gpu::usedBytes)
            .filter(OptionalLong::isPresent)
            .mapToLong(OptionalLong::getAsLong)
            .toArray();
    return used.length == 0
        ? OptionalLong.empty()
        : OptionalLong.of(java.util.Arrays.stream(used).sum());
  }

  private static OptionalLong sum(Map<String, Long> used) {
    return used.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(used.values().stream().mapToLong(Long::longValue).sum());
  }
}

package io.inferc.benchmark.load;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/**
 * The processor time that requests take: the whole process's, as nothing tells a runtime's threads
 * from others, without the time that the generator spun.
 */
final class ProcessClock {
  /** Systems count in steps of some 10 ms, and asking takes some 20 microseconds. */
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private long next;
  private boolean started;
  private long firstCpu;
  private long firstAnswered;
  private long firstSpun;
  private long lastCpu;
  private long lastAnswered;
  private long lastSpun;

  void tick(long answered, long spun) {
    long now = System.nanoTime();
    if (started && now - next < 0) {
      return;
    }
    Optional<Duration> cpu = ProcessHandle.current().info().totalCpuDuration();
    if (cpu.isEmpty()) {
      return;
    }
    next = now + STEP_NANOS;
    lastCpu = cpu.get().toNanos();
    lastAnswered = answered;
    lastSpun = spun;
    if (!started) {
      started = true;
      firstCpu = lastCpu;
      firstAnswered = answered;
      firstSpun = spun;
    }
  }

  OptionalDouble secondsPerRequest() {
    long requests = lastAnswered - firstAnswered;
    if (requests <= 0) {
      return OptionalDouble.empty();
    }
    long nanos = Math.max(0, lastCpu - firstCpu - (lastSpun - firstSpun));
    return OptionalDouble.of(nanos / 1e9 / requests);
  }
}

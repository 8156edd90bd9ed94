package io.inferc.benchmark.platform;

import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/** Runs the loops of {@link Roofline#probe}. */
final class RooflineProbe {
  private static final int MOST_THREADS = 4096;
  private static final long PHASE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(120);
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long MOST_BYTES = 512 * Numbers.MIB;
  private static final long LEAST_BYTES = Numbers.MIB;
  private static final long USUAL_CACHE = 32 * Numbers.MIB;
  private static final int HEAP_SHARE = 4;
  private static final int CACHES = 4;
  private static final int CACHES_AT_LEAST = 2;

  /** The least heap that is left: room for whatever the program itself does meanwhile. */
  private static final int LEFT_SHARE = 2;

  private final int threads;
  private final long cacheBytes;
  private final long bytes;

  RooflineProbe(SystemFiles files, int threads) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "Tried to probe a machine with " + threads + " threads; give 1 to " + MOST_THREADS + ".");
    }
    this.threads = threads;
    cacheBytes = Caches.lastLevelBytes(files).orElse(USUAL_CACHE);
    Runtime runtime = Runtime.getRuntime();
    long free = runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
    bytes = arrayBytes(cacheBytes, runtime.maxMemory(), free);
  }

  /** Several times the caches, but no more than a share of the heap. */
  static long arrayBytes(long cacheBytes, long heap, long free) {
    long wanted = Math.min(CACHES * cacheBytes, MOST_BYTES);
    return Math.max(LEAST_BYTES, Math.min(wanted, Math.min(heap / HEAP_SHARE, free / LEFT_SHARE)));
  }

  Roofline run() {
    ExecutorService workers =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "inferc-roofline");
              thread.setDaemon(true);
              return thread;
            });
    try {
      ProbeLoops.warmUpTriad(WARM_UP_NANOS);
      LongUnaryOperator arithmetic = ProbeLoops.fasterArithmetic(WARM_UP_NANOS);
      double one = bandwidth(workers, 1);
      // On a busy machine threads that wait for each other may be slower than one alone.
      double all = threads == 1 ? one : Math.max(one, bandwidth(workers, threads));
      double oneRate = arithmetic(workers, arithmetic, 1);
      double rate =
          threads == 1 ? oneRate : Math.max(oneRate, arithmetic(workers, arithmetic, threads));
      return new Roofline(
          all,
          one,
          roof(oneRate, 1),
          List.of(roof(rate, threads)),
          threads,
          bytes,
          bytes >= CACHES_AT_LEAST * cacheBytes);
    } finally {
      workers.shutdownNow();
    }
  }

  private static ComputeRoof roof(double rate, int threads) {
    return new ComputeRoof(
        "FP32",
        rate,
        "loops in Java on "
            + threads
            + (threads == 1 ? " thread" : " threads")
            + ", a lower bound");
  }

  private double bandwidth(ExecutorService workers, int count) {
    // Each thread touches its arrays first, so that they lie in memory near to it.
    List<ProbeLoops.Triad> arrays =
        results(workers, count, () -> new ProbeLoops.Triad(bytes / count));
    double best = 0;
    long start = System.nanoTime();
    do {
      List<Callable<Pass>> pass = new ArrayList<>();
      for (ProbeLoops.Triad triad : arrays) {
        pass.add(
            () -> {
              long from = System.nanoTime();
              long moved = triad.sweep();
              return new Pass(from, System.nanoTime(), moved);
            });
      }
      best = Math.max(best, rate(results(workers, pass)));
    } while (System.nanoTime() - start < PHASE_NANOS);
    return best;
  }

  private static double arithmetic(ExecutorService workers, LongUnaryOperator loop, int count) {
    double best = 0;
    long start = System.nanoTime();
    do {
      List<Pass> pass =
          results(
              workers,
              count,
              () -> {
                long from = System.nanoTime();
                long done = loop.applyAsLong(BURST_NANOS);
                return new Pass(from, System.nanoTime(), done);
              });
      best = Math.max(best, rate(pass));
    } while (System.nanoTime() - start < PHASE_NANOS);
    return best;
  }

  private record Pass(long from, long to, long work) {}

  /** From the first start to the last end: threads that wait for a processor slow the whole. */
  private static double rate(List<Pass> passes) {
    long origin = passes.get(0).from();
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    double work = 0;
    for (Pass pass : passes) {
      first = Math.min(first, pass.from() - origin);
      last = Math.max(last, pass.to() - origin);
      work += pass.work();
    }
    return work / Math.max(1, last - first) * 1e9;
  }

  private static <T> List<T> results(ExecutorService workers, int count, Callable<T> task) {
    List<Callable<T>> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tasks.add(task);
    }
    return results(workers, tasks);
  }

  private static <T> List<T> results(ExecutorService workers, List<Callable<T>> tasks) {
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> future : workers.invokeAll(tasks)) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(Stage.BENCHMARK);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Tried to probe the roofline, but a loop failed.", e);
    }
  }
}

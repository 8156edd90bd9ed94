package io.inferc.calibrate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Does the same to many items, on the calling thread and a few of its own. An item is worked on by
 * one thread at a time, and all is done when {@link #each} returns.
 */
final class Workers implements AutoCloseable {
  private static final int MOST = 8;

  /** Does one item. */
  interface Task {
    void run(int item, int[] scratch);
  }

  private final int helpers;
  private final ExecutorService threads;
  private final int[][] scratch;

  Workers(int items) {
    int useful = Math.min(Math.min(MOST, items), Runtime.getRuntime().availableProcessors());
    helpers = Math.max(0, useful - 1);
    scratch = new int[helpers + 1][TensorObservation.CHUNK];
    threads =
        Executors.newFixedThreadPool(
            Math.max(1, helpers),
            task -> {
              Thread thread = new Thread(task, "inferc-calibration");
              thread.setDaemon(true);
              return thread;
            });
  }

  void each(int items, Task task) {
    AtomicInteger next = new AtomicInteger();
    List<Future<?>> running = new ArrayList<>(helpers);
    for (int i = 1; i <= Math.min(helpers, items - 1); i++) {
      int[] own = scratch[i];
      running.add(threads.submit(() -> drain(next, items, task, own)));
    }
    RuntimeException failure = null;
    try {
      drain(next, items, task, scratch[0]);
    } catch (RuntimeException e) {
      failure = e;
    }
    // All of them end before this returns: they read memory that the next run writes.
    for (Future<?> helper : running) {
      RuntimeException theirs = await(helper);
      failure = failure == null ? theirs : failure;
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static void drain(AtomicInteger next, int items, Task task, int[] scratch) {
    for (int i = next.getAndIncrement(); i < items; i = next.getAndIncrement()) {
      task.run(i, scratch);
    }
  }

  private static @Nullable RuntimeException await(Future<?> helper) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          helper.get();
          return null;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            return cause;
          }
          return new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}

package io.inferc.benchmark;

import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/** The clients of a closed loop, each with a session whose buffers are filled once. */
final class Clients implements AutoCloseable {
  private final List<InferenceSession> sessions = new ArrayList<>();
  private final ExecutorService threads;
  private final LongSupplier clock;
  private final Cancellation cancellation;

  Clients(
      CompiledModel model,
      Workload workload,
      int count,
      LongSupplier clock,
      Cancellation cancellation) {
    this.cancellation = cancellation;
    this.clock = clock;
    threads =
        Executors.newFixedThreadPool(
            count,
            work -> {
              Thread thread = new Thread(work, "inferc-benchmark-client");
              thread.setDaemon(true);
              return thread;
            });
    boolean complete = false;
    try {
      for (int i = 0; i < count; i++) {
        InferenceSession session = model.newSession();
        sessions.add(session);
        workload
            .inputs()
            .forEach(
                (name, tensor) -> {
                  if (tensor.type() == DataType.STRING) {
                    session.bindInput(name, tensor);
                  } else {
                    session.input(name, tensor.shape()).copyFrom(tensor);
                  }
                });
      }
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /** Lets every client run for some time, once at least. */
  Benchmark.Turn turn(long nanos) {
    long start = clock.getAsLong();
    Histogram all = new Histogram(3);
    if (sessions.size() == 1) {
      all.add(loop(sessions.get(0), start, nanos));
    } else {
      List<Future<Histogram>> parts = new ArrayList<>();
      for (InferenceSession session : sessions) {
        parts.add(threads.submit(() -> loop(session, start, nanos)));
      }
      parts.forEach(part -> all.add(join(part)));
    }
    return new Benchmark.Turn(all, Math.max(1, clock.getAsLong() - start) / 1e9);
  }

  private Histogram loop(InferenceSession session, long start, long nanos) {
    Histogram histogram = new Histogram(3);
    long before = clock.getAsLong();
    do {
      cancellation.throwIfCancelled(Stage.BENCHMARK);
      session.run();
      long after = clock.getAsLong();
      histogram.recordValue(Math.max(1, after - before));
      before = after;
    } while (before - start < nanos);
    return histogram;
  }

  private static Histogram join(Future<Histogram> part) {
    try {
      return part.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      // Closing the clients interrupts the others.
      throw new CancelledException(Stage.BENCHMARK);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InfercException own) {
        throw own;
      }
      throw failure(String.valueOf(e.getCause()), e);
    }
  }

  private static InfercException failure(String why, Exception cause) {
    return new InfercException(
        Stage.BENCHMARK,
        "Tried to measure a model under load, but a client failed: " + why + ".",
        "Look at the cause; the model runs the same way outside the benchmark.",
        cause);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    sessions.forEach(InferenceSession::close);
  }
}

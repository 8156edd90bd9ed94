package io.inferc.backend.openvino;

import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Measures sessions and models. */
final class Timing {
  private Timing() {}

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  static double quantile(double[] values, double q) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(q * sorted.length))];
  }

  /** The time of each run of a session in nanoseconds. */
  static double[] run(InferenceSession session, int count) {
    double[] nanos = new double[count];
    for (int i = 0; i < count; i++) {
      long before = System.nanoTime();
      session.run();
      nanos[i] = System.nanoTime() - before;
    }
    return nanos;
  }

  /** Binds copies of the inputs and runs once. */
  static InferenceSession session(CompiledModel model, Map<String, Tensor> inputs) {
    InferenceSession session = model.newSession();
    inputs.forEach((name, tensor) -> session.input(name, tensor.shape()).copyFrom(tensor));
    session.run();
    return session;
  }

  /** Requests a second with some sessions running at once. */
  static double throughput(
      CompiledModel model, Map<String, Tensor> inputs, int sessions, double seconds) {
    AtomicLong served = new AtomicLong();
    List<InferenceSession> opened = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      opened.add(session(model, inputs));
    }
    // Not before: each session has run once by now, one after the other.
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (InferenceSession session : opened) {
      clients.add(
          CompletableFuture.runAsync(
              () -> {
                try (session) {
                  while (System.nanoTime() < end) {
                    session.run();
                    served.incrementAndGet();
                  }
                }
              },
              work -> new Thread(work, "client").start()));
    }
    clients.forEach(CompletableFuture::join);
    return served.get() / ((System.nanoTime() - start) / 1e9);
  }
}

package io.inferc.backend.tensorrt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ProcessMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Many sessions of one model at once, for long: every answer is compared with the first. */
final class ThreadsBenchmark {
  private static final long SECOND = 1_000_000_000L;

  private final CompiledModel model;
  private final Map<String, Tensor> inputs;
  private final String name;
  private final BenchmarkReport report;
  private final AtomicLong runs = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private volatile boolean stop;

  ThreadsBenchmark(
      CompiledModel model, Map<String, Tensor> inputs, String name, BenchmarkReport report) {
    this.model = model;
    this.inputs = inputs;
    this.name = name;
    this.report = report;
  }

  void run(int count, int seconds) throws IOException, InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      Thread thread = new Thread(this::work, "worker-" + t);
      thread.start();
      threads.add(thread);
    }
    long start = System.nanoTime();
    // What the first quarter of the time takes may be warm-up; what comes after is growth.
    Thread.sleep(seconds * 250L);
    long resident = ProcessMemory.residentBytes();
    long free = BareComparison.freeDeviceBytes();
    while (System.nanoTime() - start < seconds * SECOND) {
      Thread.sleep(Math.min(10_000, seconds * 100L));
      BenchmarkReport.say("  " + runs.get() + " runs, " + errors.get() + " errors");
    }
    long residentAtEnd = ProcessMemory.residentBytes();
    long freeAtEnd = BareComparison.freeDeviceBytes();
    stop = true;
    for (Thread thread : threads) {
      thread.join();
    }
    double elapsed = (System.nanoTime() - start) / (double) SECOND;
    ObjectNode row = report.row(name + ", " + count + " threads for " + seconds + " s");
    row.put("runs", runs.get());
    row.put("runs a second", Math.round(runs.get() / elapsed));
    row.put("errors", errors.get());
    row.put("answers that differ", wrong.get());
    row.put("growth of resident memory MB", (residentAtEnd - resident) / 1e6);
    row.put("growth of device memory MB", (free - freeAtEnd) / 1e6);
    report.add(row);
  }

  private void work() {
    try (InferenceSession session = model.newSession()) {
      inputs.forEach(session::bindInput);
      session.run();
      String output = model.outputs().get(0).name();
      float[] first = session.output(output).toFloatArray();
      for (long i = 0; !stop; i++) {
        try {
          session.run();
          runs.incrementAndGet();
          if (i % 64 == 0 && !Arrays.equals(first, session.output(output).toFloatArray())) {
            wrong.incrementAndGet();
          }
        } catch (RuntimeException e) {
          if (errors.incrementAndGet() < 5) {
            BenchmarkReport.say("  " + e);
          }
        }
      }
    } catch (RuntimeException e) {
      errors.incrementAndGet();
      BenchmarkReport.say("  " + e);
    }
  }
}

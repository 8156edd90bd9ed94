package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceHotPathTest {
  private static final int CALLS = 20_000;
  private static final List<TensorSpec> INPUTS =
      List.of(
          TensorSpec.of("ids", DataType.INT64, "batch, length"),
          TensorSpec.of("mask", DataType.INT64, "batch, length"));

  @TempDir private Path folder;

  /** Computes nothing and allocates nothing. */
  private static final class IdleSession implements InferenceSession {
    private final Tensor[] tensors = {
      Tensor.of(new long[8], 1, 8), Tensor.of(new long[16], 2, 8), Tensor.of(new long[4], 1, 4)
    };
    private final Outputs none = Outputs.of(Map.of());
    private int next;

    @Override
    public Tensor input(String name) {
      return tensors[0];
    }

    @Override
    public Tensor input(String name, long... shape) {
      next = (next + 1) % tensors.length;
      return tensors[next];
    }

    @Override
    public void bindInput(String name, Tensor tensor) {}

    @Override
    public void bindOutput(String name, Tensor tensor) {}

    @Override
    public void run() {}

    @Override
    public Tensor output(String name) {
      return tensors[0];
    }

    @Override
    public Outputs run(Map<String, Tensor> inputs) {
      return none;
    }

    @Override
    public void close() {}
  }

  @Test
  void aRequestWithoutContentsAllocatesNothing() {
    Map<String, Tensor> request =
        Map.of("ids", Tensor.of(new long[8], 1, 8), "mask", Tensor.of(new long[8], 1, 8));
    long[] shape = {1, 8};
    try (TraceRecorder recorder = TraceRecorder.open(INPUTS, folder, TraceOptions.defaults());
        InferenceSession session = recorder.record(new IdleSession())) {
      requireNoAllocation(session::run);
      requireNoAllocation(() -> session.run(request));
      requireNoAllocation(
          () -> {
            session.input("ids", shape);
            session.run();
          });
    }
  }

  private static void requireNoAllocation(Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    for (int i = 0; i < 100; i++) {
      call.run();
    }
    long before = threads.getThreadAllocatedBytes(thread);
    for (int i = 0; i < CALLS; i++) {
      call.run();
    }
    long bytes = threads.getThreadAllocatedBytes(thread) - before;
    // Less than an object of 16 bytes for one call in ten: the JVM's own, such as compiled code's.
    assertTrue(bytes < CALLS * 16 / 10, bytes + " bytes in " + CALLS + " calls");
  }
}

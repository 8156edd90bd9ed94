package io.inferc.backend.tensorrt;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import io.inferc.benchmark.RatioInterval;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * A session beside the bare loop over the same engine, in blocks that change places, so that what
 * slows the machine slows both.
 */
final class BareComparison {
  /** Where the session's tensors are. The bare loop has its data on the device or copies it. */
  enum Memory {
    /** On the device, bound by the caller. */
    RESIDENT(BareLoop.Mode.RESIDENT),
    /** The session's own, which is pinned. */
    OWN(BareLoop.Mode.COPIES),
    /** The caller's, ordinary memory of the host: one more copy on the host than the bare loop. */
    ORDINARY(BareLoop.Mode.COPIES);

    private final BareLoop.Mode bare;

    Memory(BareLoop.Mode bare) {
      this.bare = bare;
    }
  }

  private static final int BLOCKS = 20;
  private static final int WARM_UP = 200;
  private static final int LEAST = 10 * BLOCKS;
  private static final long NANOS_FOR_EACH = 2_000_000_000L;

  private final CompiledModel compiled;
  private final Path engine;
  private final int profile;
  private final boolean graphs;
  private final int most;

  /**
   * Prepares comparisons.
   *
   * @param compiled the model
   * @param engine the file of its engine
   * @param profile the number of the profile that the inputs belong to
   * @param graphs whether the model was opened with CUDA graphs, and the bare loop shall have one
   * @param most how many calls of each at most
   */
  BareComparison(CompiledModel compiled, Path engine, int profile, boolean graphs, int most) {
    this.compiled = compiled;
    this.engine = engine;
    this.profile = profile;
    this.graphs = graphs;
    this.most = most;
  }

  /** Measures, and adds what was found to a row. */
  void run(ObjectNode row, Map<String, Tensor> inputs, Map<String, Tensor> outputs, Memory memory)
      throws CudaException {
    List<Tensor> bound = new ArrayList<>();
    long before = freeDeviceBytes();
    try (InferenceSession session = compiled.newSession()) {
      bind(session, inputs, outputs, memory, bound);
      long boundBytes =
          memory == Memory.RESIDENT ? bound.stream().mapToLong(Tensor::byteSize).sum() : 0;
      for (int i = 0; i < WARM_UP; i++) {
        session.run();
      }
      row.put("device MB of the session", (before - freeDeviceBytes() - boundBytes) / 1e6);
      try (BareLoop bare =
          new BareLoop(
              engine, profile, inputs, List.copyOf(outputs.keySet()), memory.bare, graphs)) {
        compare(row, session::run, bare::run);
      }
      row.put("heap bytes a call", allocatedPerCall(session));
    } finally {
      bound.forEach(Tensor::close);
    }
  }

  private void compare(ObjectNode row, Runnable our, Runnable their) {
    long start = System.nanoTime();
    for (int i = 0; i < WARM_UP; i++) {
      their.run();
    }
    long each = Math.max(1, (System.nanoTime() - start) / WARM_UP);
    int calls = (int) Math.max(LEAST, Math.min(most, NANOS_FOR_EACH / each));
    long[] ours = new long[calls];
    long[] theirs = new long[calls];
    double[] ourMedians = new double[BLOCKS];
    double[] theirMedians = new double[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
      int from = calls * block / BLOCKS;
      int to = calls * (block + 1) / BLOCKS;
      if (block % 2 == 0) {
        ourMedians[block] = time(our, ours, from, to);
        theirMedians[block] = time(their, theirs, from, to);
      } else {
        theirMedians[block] = time(their, theirs, from, to);
        ourMedians[block] = time(our, ours, from, to);
      }
    }
    BenchmarkReport.percentiles(row, "inferc", ours);
    BenchmarkReport.percentiles(row, "bare loop", theirs);
    row.put("calls of each", calls);
    row.put("ratio of p50", BenchmarkReport.median(ours) / (double) BenchmarkReport.median(theirs));
    row.put("ratio of blocks, 95 %", RatioInterval.ofPairs(ourMedians, theirMedians).toString());
    // For ratios to what other programs measured.
    ArrayNode medians = row.putArray("inferc, medians of blocks ms");
    for (double median : ourMedians) {
      medians.add(BenchmarkReport.millis((long) median));
    }
  }

  private static double time(Runnable iteration, long[] nanos, int from, int to) {
    long[] block = new long[to - from];
    for (int i = 0; i < block.length; i++) {
      long start = System.nanoTime();
      iteration.run();
      block[i] = System.nanoTime() - start;
    }
    System.arraycopy(block, 0, nanos, from, block.length);
    return BenchmarkReport.median(block);
  }

  private static void bind(
      InferenceSession session,
      Map<String, Tensor> inputs,
      Map<String, Tensor> outputs,
      Memory memory,
      List<Tensor> bound) {
    if (memory == Memory.OWN) {
      inputs.forEach(
          (name, tensor) ->
              session.input(name, tensor.shape()).bytes().put(0, tensor.bytes(), 0, bytes(tensor)));
      return;
    }
    inputs.forEach(
        (name, tensor) -> {
          Tensor own = like(tensor, memory);
          bound.add(own);
          DeviceCopies.copy(tensor, own);
          session.bindInput(name, own);
        });
    outputs.forEach(
        (name, tensor) -> {
          Tensor own = like(tensor, memory);
          bound.add(own);
          session.bindOutput(name, own);
        });
  }

  private static int bytes(Tensor tensor) {
    return Math.toIntExact(tensor.byteSize());
  }

  private static Tensor like(Tensor tensor, Memory memory) {
    if (memory == Memory.ORDINARY) {
      return Tensor.allocate(tensor.type(), tensor.shape());
    }
    var opened = BackendRegistry.discover().open(Target.tensorRt());
    return Tensor.over(
        opened.backend().allocator(MemoryKind.DEVICE, opened.choice()).allocate(tensor.byteSize()),
        tensor.type(),
        tensor.shape());
  }

  private static double allocatedPerCall(InferenceSession session) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int calls = 500;
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < calls; i++) {
      session.run();
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / (double) calls;
  }

  static long freeDeviceBytes() {
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      cudart.cudaMemGetInfo(free, total);
      return free.get();
    }
  }
}

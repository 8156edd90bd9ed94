package io.inferc.backend.tensorrt;

import io.inferc.spi.BackendSession;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Set;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Runs an engine on a stream of its own. Memory is set aside when the session is opened or a kind
 * of tensor is bound for the first time; a run of what is bound allocates nothing.
 */
final class TensorRtSession implements BackendSession {
  private final Engine engine;
  private final int profile;
  private final int graphs;
  private final Port[] inputs;
  private final Port[] outputs;
  private final boolean[] outputBound;
  private final CUstream_st stream;
  private final String asked;
  private @Nullable Pointer scratch;
  private long scratchBytes;
  private @Nullable ExecutionCache executions;
  private @Nullable Execution current;
  private boolean changed = true;

  TensorRtSession(
      Engine engine, List<TensorSpec> ins, List<TensorSpec> outs, int profile, int graphs) {
    this.engine = engine;
    // A network of fixed shapes has one profile, whatever was asked for.
    this.profile = profile < 0 || profile >= engine.profiles() ? 0 : profile;
    this.graphs = graphs;
    inputs = new Port[ins.size()];
    outputs = new Port[outs.size()];
    outputBound = new boolean[outputs.length];
    asked = "run the model " + engine.model();
    stream = Cuda.newStream(engine.device(), "open a session of the model " + engine.model());
    boolean complete = false;
    try {
      open(ins, outs);
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  private void open(List<TensorSpec> ins, List<TensorSpec> outs) {
    scratchBytes = engine.scratchBytes(profile);
    if (scratchBytes > 0) {
      scratch =
          Cuda.allocateDevice(
              engine.device(), scratchBytes, "open a session of the model " + engine.model());
    }
    ExecutionCache cache = new ExecutionCache(graphs, this::newExecution);
    executions = cache;
    Execution first = cache.plain();
    Set<String> known = engine.tensors();
    for (int i = 0; i < inputs.length; i++) {
      TensorSpec spec = ins.get(i);
      boolean used = known.contains(spec.name());
      long[] largest = used ? engine.largest(spec.name(), profile) : new long[0];
      inputs[i] = port(spec, used, largest);
      inputs[i].bindOwn(largest);
    }
    first.setShapes(inputs);
    for (int i = 0; i < outputs.length; i++) {
      TensorSpec spec = outs.get(i);
      outputs[i] = port(spec, true, first.outputShape(spec.name()));
    }
  }

  private Port port(TensorSpec spec, boolean used, long[] largest) {
    long count = 1;
    for (long size : largest) {
      count = Math.multiplyExact(count, Math.max(0, size));
    }
    return new Port(
        spec,
        engine.device(),
        used && engine.isOnHost(spec.name()),
        used,
        spec.type().byteSize(count),
        "set memory aside for '" + spec.name() + "' of the model " + engine.model());
  }

  private Execution newExecution() {
    return new Execution(engine, profile, stream, scratch, scratchBytes);
  }

  @Override
  public void bindInput(int index, Tensor tensor) {
    changed = true;
    inputs[index].bind(tensor);
  }

  @Override
  public void bindOutput(int index, Tensor tensor) {
    changed = true;
    outputBound[index] = false;
    outputs[index].bind(tensor);
    outputBound[index] = true;
  }

  @Override
  public void unbindOutput(int index) {
    changed = true;
    outputBound[index] = false;
  }

  @Override
  public void run() {
    Cuda.use(engine.device(), asked);
    engine.listen();
    Execution execution = current;
    if (changed || execution == null || isToBeRecorded(execution)) {
      execution = rebind();
    }
    for (Port input : inputs) {
      if (input.isUsed()) {
        input.fill();
      }
    }
    execution.run(inputs, outputs, graphs > 0);
    for (int i = 0; i < outputs.length; i++) {
      if (outputBound[i]) {
        outputs[i].drain();
      }
    }
  }

  /** A binding that is run again gets a context of its own, and then a graph. */
  private boolean isToBeRecorded(Execution execution) {
    return graphs > 0 && executions != null && execution == executions.plain();
  }

  private Execution rebind() {
    ExecutionCache cache = executions;
    if (cache == null) {
      throw new IllegalStateException("the session is closed");
    }
    boolean shaped = false;
    for (int i = 0; i < outputs.length; i++) {
      if (!outputBound[i]) {
        if (!shaped) {
          cache.plain().setShapes(inputs);
          shaped = true;
        }
        outputs[i].bindOwn(cache.plain().outputShape(outputs[i].name()));
      }
    }
    Execution chosen = cache.choose(inputs, outputs);
    current = chosen;
    changed = false;
    return chosen;
  }

  /** Whether the next run of what is bound replays a graph. */
  boolean isRecorded() {
    Execution execution = current;
    return !changed && execution != null && execution.isRecorded();
  }

  /** The device memory that TensorRT works in, in bytes. */
  long scratchBytes() {
    return scratchBytes;
  }

  @Override
  public Tensor takeOutput(int index) {
    return outputs[index].copy();
  }

  @Override
  public void close() {
    Cuda.use(engine.device(), "close a session of the model " + engine.model());
    cudart.cudaStreamSynchronize(stream);
    if (executions != null) {
      executions.close();
      executions = null;
    }
    current = null;
    for (Port[] ports : List.of(inputs, outputs)) {
      for (Port port : ports) {
        if (port != null) {
          port.close();
        }
      }
    }
    if (scratch != null) {
      cudart.cudaFree(scratch);
      scratch = null;
    }
    cudart.cudaStreamDestroy(stream);
  }
}

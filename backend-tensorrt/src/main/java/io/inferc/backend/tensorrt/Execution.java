package io.inferc.backend.tensorrt;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.util.Arrays;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One context of TensorRT, set to the shapes and addresses of one binding, and the CUDA graph of
 * that, if one was recorded. A recorded graph holds on to the state of its context, so each graph
 * has a context of its own; the scratch memory is shared, since a session runs one at a time.
 */
final class Execution implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

  private final Engine engine;
  private final IExecutionContext context;
  private final CUstream_st stream;
  private @Nullable CUgraphExec_st graph;
  private boolean recordable = true;
  private int runs;

  Execution(Engine engine, int profile, CUstream_st stream, @Nullable Pointer scratch, long bytes) {
    this.engine = engine;
    this.stream = stream;
    context = engine.newContext();
    boolean complete = false;
    try {
      // Asked for even where it is the first, which a context may have taken by itself already.
      if (!context.setOptimizationProfileAsync(profile, stream)) {
        throw failed("choose the profile " + profile + " of");
      }
      synchronize();
      if (scratch != null) {
        context.setDeviceMemoryV2(scratch, bytes);
      }
      complete = true;
    } finally {
      if (!complete) {
        NativeObjects.delete(context, NativeObjects.INTERFACE_SLOT);
      }
    }
  }

  IExecutionContext context() {
    return context;
  }

  /** Sets shapes and addresses anew; a graph of former ones is thrown away. */
  void set(Port[] inputs, Port[] outputs) {
    dropGraph();
    runs = 0;
    recordable = true;
    setShapes(inputs);
    for (Port input : inputs) {
      setAddress(input);
    }
    for (Port output : outputs) {
      setAddress(output);
    }
  }

  /** Sets the shapes of the inputs, after which those of the outputs can be asked for. */
  void setShapes(Port[] inputs) {
    for (Port input : inputs) {
      if (input.isUsed() && !context.setInputShape(input.name(), Dimensions.of(input.shape()))) {
        throw failed(
            "give the shape " + Arrays.toString(input.shape()) + " to '" + input.name() + "' of");
      }
    }
  }

  private void setAddress(Port port) {
    if (port.isUsed() && !context.setTensorAddress(port.name(), port.address())) {
      throw failed("bind memory to '" + port.name() + "' of");
    }
  }

  long[] outputShape(String output) {
    return Dimensions.sizes(context.getTensorShape(output));
  }

  /** Runs once and waits; the second run of a binding is recorded if graphs are wanted. */
  void run(Port[] inputs, Port[] outputs, boolean graphs) {
    CUgraphExec_st recorded = graph;
    if (recorded == null && graphs && recordable && runs > 0) {
      recorded = record(inputs, outputs);
    }
    try {
      if (recorded == null) {
        enqueue(inputs, outputs);
      } else {
        Cuda.check(cudart.cudaGraphLaunch(recorded, stream), "cudaGraphLaunch");
      }
      Cuda.check(cudart.cudaStreamSynchronize(stream), "cudaStreamSynchronize");
    } catch (CudaException e) {
      cudart.cudaGetLastError();
      throw Cuda.failure(Stage.RUN, "run the model " + engine.model(), e);
    }
    runs = 1;
  }

  private void enqueue(Port[] inputs, Port[] outputs) throws CudaException {
    for (Port input : inputs) {
      if (input.isCopied()) {
        Cuda.check(
            cudart.cudaMemcpyAsync(
                input.address(),
                input.hostEnd(),
                input.bytes(),
                cudart.cudaMemcpyHostToDevice,
                stream),
            "cudaMemcpyAsync");
      }
    }
    if (!context.enqueueV3(stream)) {
      cudart.cudaStreamSynchronize(stream);
      throw failed("run");
    }
    for (Port output : outputs) {
      if (output.isCopied()) {
        Cuda.check(
            cudart.cudaMemcpyAsync(
                output.hostEnd(),
                output.address(),
                output.bytes(),
                cudart.cudaMemcpyDeviceToHost,
                stream),
            "cudaMemcpyAsync");
      }
    }
  }

  /** Records a graph; what cannot be recorded (some loops and conditions) is run as before. */
  private @Nullable CUgraphExec_st record(Port[] inputs, Port[] outputs) {
    CUgraph_st recording = new CUgraph_st();
    try {
      Cuda.check(
          cudart.cudaStreamBeginCapture(stream, cudart.cudaStreamCaptureModeThreadLocal),
          "cudaStreamBeginCapture");
      boolean enqueued = false;
      try {
        enqueue(inputs, outputs);
        enqueued = true;
      } finally {
        int ended = cudart.cudaStreamEndCapture(stream, recording);
        if (enqueued) {
          Cuda.check(ended, "cudaStreamEndCapture");
        }
      }
      CUgraphExec_st executable = new CUgraphExec_st();
      Cuda.check(cudart.cudaGraphInstantiate(executable, recording, 0L), "cudaGraphInstantiate");
      graph = executable;
      return executable;
    } catch (CudaException | InfercException e) {
      cudart.cudaGetLastError();
      recordable = false;
      LOG.info("The model {} is run without a CUDA graph: {}", engine.model(), e.getMessage());
      return null;
    } finally {
      if (!recording.isNull()) {
        cudart.cudaGraphDestroy(recording);
      }
    }
  }

  /** Whether the next run replays a graph. */
  boolean isRecorded() {
    return graph != null;
  }

  private void synchronize() {
    try {
      Cuda.check(cudart.cudaStreamSynchronize(stream), "cudaStreamSynchronize");
    } catch (CudaException e) {
      throw Cuda.failure(Stage.RUN, "open a session of the model " + engine.model(), e);
    }
  }

  private InfercException failed(String what) {
    return new InfercException(
        Stage.RUN,
        "Tried to "
            + what
            + " the model "
            + engine.model()
            + ", but TensorRT refused: "
            + String.join(" | ", engine.complaints())
            + ".",
        "See TensorRT's log; the session can be used again with other shapes or values.");
  }

  private void dropGraph() {
    if (graph != null) {
      cudart.cudaGraphExecDestroy(graph);
      graph = null;
    }
  }

  @Override
  public void close() {
    dropGraph();
    NativeObjects.delete(context, NativeObjects.INTERFACE_SLOT);
  }
}

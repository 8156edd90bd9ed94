package io.inferc.backend.tensorrt;

import io.inferc.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;

/**
 * The least that TensorRT can be run with, to compare a session with: one context, fixed addresses,
 * launch and wait, by the raw calls of the presets.
 */
final class BareLoop implements AutoCloseable {
  /** What one iteration does beside the network. */
  enum Mode {
    /** The data stays on the device. */
    RESIDENT,
    /** Inputs come from pinned memory and outputs go there. */
    COPIES
  }

  private record Copy(Pointer to, Pointer from, long bytes, int kind) {}

  private final Engine engine;
  private final IExecutionContext context;
  private final CUstream_st stream = new CUstream_st();
  private final Mode mode;
  private final List<Pointer> device = new ArrayList<>();
  private final List<Pointer> pinned = new ArrayList<>();
  private final List<Copy> in = new ArrayList<>();
  private final List<Copy> out = new ArrayList<>();
  private CUgraphExec_st graph;

  BareLoop(
      Path engineFile,
      int profile,
      Map<String, Tensor> inputs,
      List<String> outputs,
      Mode mode,
      boolean graphs)
      throws CudaException {
    this.mode = mode;
    engine = Engine.load("bare loop", 0, engineFile, false);
    context = engine.newContext();
    Cuda.check(
        cudart.cudaStreamCreateWithFlags(stream, cudart.cudaStreamNonBlocking), "create stream");
    context.setOptimizationProfileAsync(profile, stream);
    Cuda.check(cudart.cudaStreamSynchronize(stream), "synchronize");
    long scratch = engine.scratchBytes(profile);
    context.setDeviceMemoryV2(allocate(scratch), scratch);
    inputs.forEach(
        (name, tensor) -> {
          context.setInputShape(name, Dimensions.of(tensor.shape()));
          BytePointer host = new BytePointer(tensor.bytes());
          Pointer address = bind(name, tensor.byteSize(), in, cudart.cudaMemcpyHostToDevice);
          cudart.cudaMemcpy(address, host, tensor.byteSize(), cudart.cudaMemcpyHostToDevice);
        });
    for (String name : outputs) {
      Dims64 dims = context.getTensorShape(name);
      long count = 4;
      for (long size : Dimensions.sizes(dims)) {
        count *= size;
      }
      bind(name, count, out, cudart.cudaMemcpyDeviceToHost);
    }
    run();
    if (graphs) {
      record();
    }
  }

  private Pointer allocate(long bytes) {
    Pointer memory = Cuda.allocateDevice(0, bytes, "run the bare loop");
    device.add(memory);
    return memory;
  }

  private Pointer bind(String name, long bytes, List<Copy> copies, int kind) {
    Pointer memory = allocate(bytes);
    context.setTensorAddress(name, memory);
    if (mode == Mode.COPIES) {
      BytePointer host = Cuda.allocatePinned(0, bytes, "run the bare loop");
      pinned.add(host);
      boolean up = kind == cudart.cudaMemcpyHostToDevice;
      copies.add(new Copy(up ? memory : host, up ? host : memory, bytes, kind));
    }
    return memory;
  }

  private void record() throws CudaException {
    CUgraph_st recording = new CUgraph_st();
    Cuda.check(
        cudart.cudaStreamBeginCapture(stream, cudart.cudaStreamCaptureModeThreadLocal), "begin");
    enqueue();
    Cuda.check(cudart.cudaStreamEndCapture(stream, recording), "end");
    CUgraphExec_st executable = new CUgraphExec_st();
    Cuda.check(cudart.cudaGraphInstantiate(executable, recording, 0L), "instantiate");
    cudart.cudaGraphDestroy(recording);
    graph = executable;
  }

  private void enqueue() {
    for (Copy copy : in) {
      cudart.cudaMemcpyAsync(copy.to(), copy.from(), copy.bytes(), copy.kind(), stream);
    }
    if (!context.enqueueV3(stream)) {
      throw new IllegalStateException("the bare loop was refused: " + engine.complaints());
    }
    for (Copy copy : out) {
      cudart.cudaMemcpyAsync(copy.to(), copy.from(), copy.bytes(), copy.kind(), stream);
    }
  }

  /** One iteration, to its end. */
  void run() {
    if (graph == null) {
      enqueue();
    } else {
      cudart.cudaGraphLaunch(graph, stream);
    }
    int code = cudart.cudaStreamSynchronize(stream);
    if (code != 0) {
      throw new IllegalStateException("the bare loop failed with CUDA error " + code);
    }
  }

  @Override
  public void close() {
    if (graph != null) {
      cudart.cudaGraphExecDestroy(graph);
    }
    NativeObjects.delete(context, NativeObjects.INTERFACE_SLOT);
    device.forEach(cudart::cudaFree);
    pinned.forEach(cudart::cudaFreeHost);
    cudart.cudaStreamDestroy(stream);
    engine.close();
  }
}

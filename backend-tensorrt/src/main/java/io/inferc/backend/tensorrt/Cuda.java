package io.inferc.backend.tensorrt;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** The calls of the CUDA runtime that this back end makes, each with its failure said in full. */
final class Cuda {
  private Cuda() {}

  static void check(int code, String call) throws CudaException {
    if (code != 0) {
      BytePointer text = cudart.cudaGetErrorString(code);
      throw new CudaException(code, call, text == null ? "unknown" : text.getString());
    }
  }

  /** Makes a device the calling thread's; CUDA keeps one for each thread. */
  static void use(int device, String asked) {
    try {
      check(cudart.cudaSetDevice(device), "cudaSetDevice");
    } catch (CudaException e) {
      throw failure(Stage.RUN, asked, e);
    }
  }

  static Pointer allocateDevice(int device, long bytes, String asked) {
    use(device, asked);
    Pointer memory = new Pointer();
    try {
      check(cudart.cudaMalloc(memory, Math.max(1, bytes)), "cudaMalloc of " + bytes + " bytes");
    } catch (CudaException e) {
      cudart.cudaGetLastError();
      throw failure(Stage.RUN, asked, e);
    }
    return memory;
  }

  static BytePointer allocatePinned(int device, long bytes, String asked) {
    use(device, asked);
    Pointer memory = new Pointer();
    try {
      check(
          cudart.cudaHostAlloc(memory, Math.max(1, bytes), cudart.cudaHostAllocPortable),
          "cudaHostAlloc of " + bytes + " bytes");
    } catch (CudaException e) {
      cudart.cudaGetLastError();
      throw failure(Stage.RUN, asked, e);
    }
    return new BytePointer(memory).capacity(Math.max(1, bytes));
  }

  static CUstream_st newStream(int device, String asked) {
    use(device, asked);
    CUstream_st stream = new CUstream_st();
    try {
      check(
          cudart.cudaStreamCreateWithFlags(stream, cudart.cudaStreamNonBlocking),
          "cudaStreamCreateWithFlags");
    } catch (CudaException e) {
      throw failure(Stage.RUN, asked, e);
    }
    return stream;
  }

  /** Says a failure of CUDA as one of inferc. */
  static InfercException failure(Stage stage, String asked, CudaException e) {
    String remedy =
        switch (e.code()) {
          case CudaException.OUT_OF_MEMORY ->
              "Close models and sessions that are no longer needed, narrow the shape profiles, or"
                  + " use a GPU with more memory.";
          case CudaException.NO_DEVICE, CudaException.INSUFFICIENT_DRIVER ->
              "See whether nvidia-smi lists the GPU and CUDA_VISIBLE_DEVICES does not hide it.";
          default ->
              "See the GPU's state with nvidia-smi; after an illegal access or a launch failure the"
                  + " process must be started again before it can use the GPU.";
        };
    return new InfercException(
        stage, "Tried to " + asked + ", but " + e.getMessage() + ".", remedy, e);
  }
}

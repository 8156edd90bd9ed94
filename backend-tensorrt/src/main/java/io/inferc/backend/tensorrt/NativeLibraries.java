package io.inferc.backend.tensorrt;

import java.util.List;

/**
 * What a probe asks of the machine, in the order in which it asks. Apart from the real one so that
 * each way to fail can be tested where nothing is installed.
 */
interface NativeLibraries {
  /** The platform as the presets name it, for example {@code linux-x86_64}. */
  String platform();

  /** Whether the presets' own glue for this platform is on the class path. */
  boolean hasGlue();

  /** The version of the TensorRT presets on the class path, for example {@code 10.6-1.5.11}. */
  String tensorRtPresets();

  /** The version of the CUDA presets on the class path, for example {@code 12.6-9.5-1.5.11}. */
  String cudaPresets();

  /**
   * Loads the CUDA runtime.
   *
   * @throws LinkageError if it or the driver is missing
   */
  void loadCuda();

  /**
   * Counts and describes the devices; calls nothing but the CUDA runtime.
   *
   * @throws CudaException if there is none, or the driver does not serve the runtime
   */
  List<GpuInfo> gpus() throws CudaException;

  /**
   * Loads TensorRT and its ONNX parser.
   *
   * @throws LinkageError if a library is missing
   */
  void loadTensorRt();

  /** The version of the headers that the presets were compiled with. */
  TensorRtVersion headers();

  /** The version of the library that was loaded. */
  TensorRtVersion library();

  /** The version of the CUDA runtime that was loaded, for example 12060 for 12.6. */
  int cudaRuntime() throws CudaException;

  /** Looks for the kernels that a build for a GPU draws from. */
  BuilderResource builderResource(GpuInfo gpu);
}

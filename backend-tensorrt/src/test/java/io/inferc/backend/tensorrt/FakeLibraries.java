package io.inferc.backend.tensorrt;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A machine as a test wants it: everything there, unless a field says otherwise. */
final class FakeLibraries implements NativeLibraries {
  static final GpuInfo H200 = new GpuInfo(0, "NVIDIA H200", 9, 0, 141L << 30);

  boolean glue = true;
  LinkageError cudaFailure;
  CudaException countFailure;
  List<GpuInfo> gpus = List.of(H200);
  LinkageError tensorRtFailure;
  TensorRtVersion headers = new TensorRtVersion(10, 6, 0);
  TensorRtVersion library = new TensorRtVersion(10, 6, 0);
  boolean resource = true;
  int tensorRtLoads;
  int cudaLoads;

  @Override
  public String platform() {
    return "linux-x86_64";
  }

  @Override
  public boolean hasGlue() {
    return glue;
  }

  @Override
  public String tensorRtPresets() {
    return "10.6-1.5.11";
  }

  @Override
  public String cudaPresets() {
    return "12.6-9.5-1.5.11";
  }

  @Override
  public void loadCuda() {
    cudaLoads++;
    if (cudaFailure != null) {
      // As the JVM does: the second attempt no longer says why.
      throw cudaLoads == 1 ? cudaFailure : new NoClassDefFoundError("Could not initialize class");
    }
  }

  @Override
  public List<GpuInfo> gpus() throws CudaException {
    if (countFailure != null) {
      throw countFailure;
    }
    return gpus;
  }

  @Override
  public void loadTensorRt() {
    tensorRtLoads++;
    if (tensorRtFailure != null) {
      throw tensorRtFailure;
    }
  }

  @Override
  public TensorRtVersion headers() {
    return headers;
  }

  @Override
  public TensorRtVersion library() {
    return library;
  }

  @Override
  public int cudaRuntime() {
    return 12060;
  }

  @Override
  public BuilderResource builderResource(GpuInfo gpu) {
    return new BuilderResource(
        "libnvinfer_builder_resource.so.10.6.0",
        false,
        resource ? Optional.of(Path.of("/somewhere")) : Optional.empty());
  }
}

package io.inferc.backend.tensorrt;

import io.inferc.spi.Availability;
import io.inferc.spi.Availability.Available;
import io.inferc.spi.Availability.Unavailable;
import io.inferc.spi.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out, step by step, whether TensorRT can work: each step is one that cannot bring the JVM
 * down once those before it went well. TensorRT itself ends the process where there is no device,
 * so devices are counted before it is loaded.
 */
final class Probe {
  private final NativeLibraries libraries;

  // Classes that failed to initialize stay failed, and only the first failure says why.
  private Optional<String> firstCudaFailure = Optional.empty();
  private Optional<String> firstTensorRtFailure = Optional.empty();

  Probe(NativeLibraries libraries) {
    this.libraries = libraries;
  }

  /** Asks the machine; what was loaded stays loaded, so that a second probe is quick. */
  synchronized Availability run() {
    if (!libraries.hasGlue()) {
      return new Unavailable(
          "The native part of the TensorRT presets for " + libraries.platform() + " is missing.",
          "TensorRT runs on Linux with an NVIDIA GPU; on another architecture than x86-64 add the"
              + " artifacts org.bytedeco:tensorrt, cuda and javacpp with the classifier "
              + libraries.platform()
              + ".");
    }
    try {
      libraries.loadCuda();
    } catch (LinkageError | RuntimeException e) {
      String said = firstCudaFailure.orElseGet(() -> MissingLibrary.said(e));
      firstCudaFailure = Optional.of(said);
      return cudaMissing(said);
    }
    List<GpuInfo> gpus;
    try {
      gpus = libraries.gpus();
    } catch (CudaException e) {
      return noDevice(e);
    }
    try {
      libraries.loadTensorRt();
    } catch (LinkageError | RuntimeException e) {
      String said = firstTensorRtFailure.orElseGet(() -> MissingLibrary.said(e));
      firstTensorRtFailure = Optional.of(said);
      return tensorRtMissing(said);
    }
    return served(gpus);
  }

  private Availability served(List<GpuInfo> gpus) {
    TensorRtVersion headers = libraries.headers();
    TensorRtVersion library = libraries.library();
    if (!library.serves(headers)) {
      return new Unavailable(
          "The presets "
              + libraries.tensorRtPresets()
              + " were made for TensorRT "
              + headers
              + ", and TensorRT "
              + library
              + " is installed.",
          "Install TensorRT "
              + headers.major()
              + "."
              + headers.minor()
              + " or a later "
              + headers.major()
              + ".x, or depend on org.bytedeco:tensorrt in the version that fits "
              + library
              + ".");
    }
    List<Device> usable = new ArrayList<>();
    for (GpuInfo gpu : gpus) {
      if (libraries.builderResource(gpu).found()) {
        usable.add(gpu.device());
      }
    }
    if (usable.isEmpty()) {
      return resourceMissing(gpus.get(0));
    }
    return new Available(library.toString(), usable);
  }

  private Unavailable cudaMissing(String said) {
    Optional<String> library = MissingLibrary.name(said);
    if (library.filter(name -> name.startsWith("libcuda.so")).isPresent()) {
      return new Unavailable(
          "There is no NVIDIA driver: the loader does not find " + library.get() + ".",
          "Install the driver of the GPU; in a container, start it with the NVIDIA container"
              + " toolkit (--gpus all).");
    }
    return new Unavailable(
        library
            .map(name -> "The CUDA runtime is missing: the loader does not find " + name + ".")
            .orElse("The CUDA runtime cannot be loaded: " + said + "."),
        cudaRemedy());
  }

  private String cudaRemedy() {
    String version = libraries.cudaPresets();
    return "Install CUDA "
        + version.replaceFirst("-.*", "")
        + " with cuDNN and put its libraries on the loader's path (LD_LIBRARY_PATH), or add the"
        + " artifact org.bytedeco:cuda:"
        + version
        + " with the classifier "
        + libraries.platform()
        + "-redist.";
  }

  private static Unavailable noDevice(CudaException e) {
    if (e.code() == CudaException.INSUFFICIENT_DRIVER) {
      return new Unavailable(
          "The NVIDIA driver is older than the CUDA runtime needs, or finds no device: "
              + e.getMessage()
              + ".",
          "Update the driver; nvidia-smi shows the newest CUDA version that it serves.");
    }
    return new Unavailable(
        "There is no CUDA device: " + e.getMessage() + ".",
        "Run on a machine with an NVIDIA GPU; if it has one, see whether nvidia-smi lists it and"
            + " CUDA_VISIBLE_DEVICES does not hide it.");
  }

  private Unavailable tensorRtMissing(String said) {
    Optional<String> library = MissingLibrary.name(said);
    boolean own =
        library
            .filter(n -> n.startsWith("libnvinfer") || n.startsWith("libnvonnxparser"))
            .isPresent();
    if (library.isPresent() && !own) {
      return new Unavailable(
          "A CUDA library that the TensorRT presets link is missing: the loader does not find "
              + library.get()
              + ".",
          cudaRemedy());
    }
    return new Unavailable(
        library
            .map(name -> "TensorRT is missing: the loader does not find " + name + ".")
            .orElse("TensorRT cannot be loaded: " + said + "."),
        tensorRtRemedy());
  }

  private String tensorRtRemedy() {
    String version = libraries.tensorRtPresets();
    return "Install TensorRT "
        + version.replaceFirst("-.*", "")
        + " and put its libraries on the loader's path (LD_LIBRARY_PATH), or add the artifact"
        + " org.bytedeco:tensorrt:"
        + version
        + " with the classifier "
        + libraries.platform()
        + "-redist.";
  }

  private Unavailable resourceMissing(GpuInfo gpu) {
    return new Unavailable(
        "TensorRT "
            + libraries.library()
            + " has no kernels for "
            + gpu.name()
            + " (compute capability "
            + gpu.computeCapability()
            + ") here: "
            + libraries.builderResource(gpu).name()
            + " is missing.",
        "Put the folder of that library on the loader's path (LD_LIBRARY_PATH), or install NVIDIA's"
            + " own package, which has it for every GPU. Of the redistributable jars"
            + " org.bytedeco:tensorrt:10.6-1.5.11 has it; those from 10.8 on do not.");
  }
}

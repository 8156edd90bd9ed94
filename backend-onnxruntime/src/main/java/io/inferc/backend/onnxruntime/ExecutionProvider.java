package io.inferc.backend.onnxruntime;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A part of ONNX Runtime that runs nodes on some hardware, by name and options.
 *
 * <p>{@link #of} takes any provider that ONNX Runtime knows; {@link #cuda}, {@link #tensorRt},
 * {@link #openVino} and {@link #migraphx} name the usual options; {@link #plugin} loads one from a
 * library of its own.
 *
 * @param name the provider's name in lower case, for example {@code "cuda"}
 * @param options the provider's own options, sorted
 * @param library the plugin library, or empty for a provider built into ONNX Runtime
 */
public record ExecutionProvider(
    String name, SortedMap<String, String> options, Optional<Path> library) {
  public ExecutionProvider {
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "Tried to name an execution provider with empty text; use a name such as \"cuda\".");
    }
    name = name.toLowerCase(Locale.ROOT);
    options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
  }

  /**
   * Returns a provider by name.
   *
   * @param name such as {@code "cuda"}, {@code "dnnl"} or {@code "xnnpack"}, any case
   * @param options the provider's own options by their documented names
   * @return the provider
   * @throws IllegalArgumentException if the name is empty
   */
  public static ExecutionProvider of(String name, Map<String, String> options) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(options, "options");
    return new ExecutionProvider(name, new TreeMap<>(options), Optional.empty());
  }

  /**
   * Returns a provider that a plugin library brings.
   *
   * @param name the name the library registers its devices under, for example {@code
   *     "CUDAExecutionProvider"}
   * @param library the shared library
   * @param options the provider's own options by their documented names
   * @return the provider
   * @throws IllegalArgumentException if the name is empty
   */
  public static ExecutionProvider plugin(String name, Path library, Map<String, String> options) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(library, "library");
    Objects.requireNonNull(options, "options");
    return new ExecutionProvider(name, new TreeMap<>(options), Optional.of(library));
  }

  /**
   * Returns CUDA on one device.
   *
   * @param deviceId the device's number, 0 or more
   * @return options to refine, then to build
   * @throws IllegalArgumentException if the number is negative
   */
  public static Cuda cuda(int deviceId) {
    return new Cuda(deviceId);
  }

  /**
   * Returns TensorRT inside ONNX Runtime on one device.
   *
   * @param deviceId the device's number, 0 or more
   * @return options to refine, then to build
   * @throws IllegalArgumentException if the number is negative
   */
  public static TensorRt tensorRt(int deviceId) {
    return new TensorRt(deviceId);
  }

  /**
   * Returns OpenVINO inside ONNX Runtime.
   *
   * @param deviceType OpenVINO's device text, for example {@code "CPU"} or {@code "GPU"}
   * @return options to refine, then to build
   */
  public static OpenVino openVino(String deviceType) {
    Objects.requireNonNull(deviceType, "deviceType");
    return new OpenVino(deviceType);
  }

  /**
   * Returns MIGraphX inside ONNX Runtime on one device.
   *
   * @param deviceId the device's number, 0 or more
   * @return options to refine, then to build
   * @throws IllegalArgumentException if the number is negative
   */
  public static Migraphx migraphx(int deviceId) {
    return new Migraphx(deviceId);
  }

  /** Options of CUDA. */
  public static final class Cuda extends ExecutionProviderBuilder<Cuda> {
    private Cuda(int deviceId) {
      super("cuda");
      set("device_id", deviceId, 0, Integer.MAX_VALUE);
    }

    @Override
    Cuda self() {
      return this;
    }

    /**
     * Bounds the memory that the arena takes on the device.
     *
     * @param bytes the bound in bytes, more than 0
     * @return this
     * @throws IllegalArgumentException if it is not
     */
    public Cuda memoryLimit(long bytes) {
      return set("gpu_mem_limit", bytes, 1, Long.MAX_VALUE);
    }

    /**
     * Captures the run as a CUDA graph; shapes and addresses must then stay the same.
     *
     * @param on true to capture
     * @return this
     */
    public Cuda cudaGraph(boolean on) {
      return set("enable_cuda_graph", on);
    }

    /**
     * Allows TF32 in matrix products and convolutions, which reads 10 bits of each mantissa. Asking
     * for the precision TF32 does the same. Off by default, where ONNX Runtime has it on.
     *
     * @param on true to allow it
     * @return this
     */
    public Cuda tf32(boolean on) {
      return set("use_tf32", on);
    }

    /**
     * Sets how the arena grows.
     *
     * @param exactly true to take no more than is asked for, false to double (the default)
     * @return this
     */
    public Cuda arenaGrowsExactly(boolean exactly) {
      return set("arena_extend_strategy", exactly ? "kSameAsRequested" : "kNextPowerOfTwo");
    }

    /**
     * Runs convolutions with the channels last where there are kernels for it, which suits half
     * precision.
     *
     * @param on true for channels last
     * @return this
     */
    public Cuda channelsLast(boolean on) {
      return set("prefer_nhwc", on);
    }
  }

  /** Options of TensorRT inside ONNX Runtime. */
  public static final class TensorRt extends ExecutionProviderBuilder<TensorRt> {
    private TensorRt(int deviceId) {
      super("tensorrt");
      set("device_id", deviceId, 0, Integer.MAX_VALUE);
    }

    @Override
    TensorRt self() {
      return this;
    }

    /**
     * Bounds the workspace of the builder.
     *
     * @param bytes the bound in bytes, more than 0
     * @return this
     * @throws IllegalArgumentException if it is not
     */
    public TensorRt workspace(long bytes) {
      return set("trt_max_workspace_size", bytes, 1, Long.MAX_VALUE);
    }

    /**
     * Lets TensorRT compute in half precision, whatever the model says.
     *
     * @param on true to let it; leave it off where the model itself is typed
     * @return this
     */
    public TensorRt fp16(boolean on) {
      return set("trt_fp16_enable", on);
    }

    /**
     * Keeps built engines in a folder.
     *
     * @param folder the folder
     * @return this
     */
    public TensorRt engineCache(Path folder) {
      Objects.requireNonNull(folder, "folder");
      set("trt_engine_cache_enable", true);
      return set("trt_engine_cache_path", folder);
    }

    /**
     * Keeps timings of kernels in a folder, which makes later builds faster.
     *
     * @param folder the folder
     * @return this
     */
    public TensorRt timingCache(Path folder) {
      Objects.requireNonNull(folder, "folder");
      set("trt_timing_cache_enable", true);
      return set("trt_timing_cache_path", folder);
    }

    /**
     * Sets how long the builder searches.
     *
     * @param level 0 to 5
     * @return this
     * @throws IllegalArgumentException if it is not
     */
    public TensorRt builderOptimizationLevel(int level) {
      return set("trt_builder_optimization_level", level, 0, 5);
    }
  }

  /** Options of OpenVINO inside ONNX Runtime. */
  public static final class OpenVino extends ExecutionProviderBuilder<OpenVino> {
    private OpenVino(String deviceType) {
      super("openvino");
      set("device_type", deviceType);
    }

    @Override
    OpenVino self() {
      return this;
    }

    /**
     * Sets the precision OpenVINO computes in.
     *
     * @param precision OpenVINO's word, for example {@code "FP32"} or {@code "ACCURACY"}
     * @return this
     */
    public OpenVino precision(String precision) {
      Objects.requireNonNull(precision, "precision");
      return set("precision", precision);
    }

    /**
     * Sets the number of threads.
     *
     * @param threads 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public OpenVino threads(int threads) {
      return set("num_of_threads", threads, 1, Integer.MAX_VALUE);
    }

    /**
     * Keeps compiled models in a folder.
     *
     * @param folder the folder
     * @return this
     */
    public OpenVino cache(Path folder) {
      Objects.requireNonNull(folder, "folder");
      return set("cache_dir", folder);
    }
  }

  /** Options of MIGraphX inside ONNX Runtime. */
  public static final class Migraphx extends ExecutionProviderBuilder<Migraphx> {
    private Migraphx(int deviceId) {
      super("migraphx");
      set("device_id", deviceId, 0, Integer.MAX_VALUE);
    }

    @Override
    Migraphx self() {
      return this;
    }

    /**
     * Lets MIGraphX compute in half precision, whatever the model says.
     *
     * @param on true to let it; leave it off where the model itself is typed
     * @return this
     */
    public Migraphx fp16(boolean on) {
      return set("migraphx_fp16_enable", on);
    }

    /**
     * Bounds the memory that the arena takes on the device.
     *
     * @param bytes the bound in bytes, more than 0
     * @return this
     * @throws IllegalArgumentException if it is not
     */
    public Migraphx memoryLimit(long bytes) {
      return set("migraphx_mem_limit", bytes, 1, Long.MAX_VALUE);
    }

    /**
     * Searches the fastest kernels while compiling.
     *
     * @param on true to search
     * @return this
     */
    public Migraphx exhaustiveTune(boolean on) {
      return set("migraphx_exhaustive_tune", on);
    }

    /**
     * Keeps compiled models in a folder.
     *
     * @param folder the folder
     * @return this
     */
    public Migraphx cache(Path folder) {
      Objects.requireNonNull(folder, "folder");
      return set("migraphx_model_cache_dir", folder);
    }
  }
}

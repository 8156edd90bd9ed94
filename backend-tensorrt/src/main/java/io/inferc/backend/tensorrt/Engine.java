package io.inferc.backend.tensorrt;

import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.ExecutionContextAllocationStrategy;
import org.bytedeco.tensorrt.global.nvinfer.LayerInformationFormat;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvinfer.TensorLocation;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IEngineInspector;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.IRuntime;
import org.jspecify.annotations.Nullable;

/** An engine on a device, with what it was made by and logs to. */
final class Engine implements AutoCloseable {
  private final String model;
  private final int device;
  private final BuildLog sink;
  private @Nullable IRuntime runtime;
  private @Nullable ICudaEngine engine;

  private Engine(String model, int device) {
    this.model = model;
    this.device = device;
    sink = new BuildLog(model, ProgressListener.none());
  }

  /**
   * Loads an engine that was built for this very library and device.
   *
   * @param trusted whether code in the engine may be run, which version-compatible ones carry
   */
  static Engine load(String model, int device, Path file, boolean trusted) {
    Engine loaded = new Engine(model, device);
    boolean complete = false;
    try {
      loaded.open(file, trusted);
      complete = true;
      return loaded;
    } finally {
      if (!complete) {
        loaded.close();
      }
    }
  }

  private void open(Path file, boolean trusted) {
    Cuda.use(device, "load the model " + model);
    LogRoutes.route(sink);
    IRuntime made = nvinfer.createInferRuntime(TensorRtLog.shared());
    if (!NativeObjects.isReal(made)) {
      throw refused("TensorRT gave no runtime");
    }
    runtime = made;
    made.setEngineHostCodeAllowed(trusted);
    try (BytePointer bytes = NativeBytes.read(file)) {
      ICudaEngine loaded = made.deserializeCudaEngine(bytes, bytes.capacity());
      if (!NativeObjects.isReal(loaded)) {
        throw refused("TensorRT refused the engine");
      }
      engine = loaded;
    } catch (IOException e) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to read the engine of the model " + model + ", but that failed: " + e + ".",
          "Check the file " + file + ".",
          e);
    }
  }

  private InfercException refused(String what) {
    List<String> said = sink.complaints();
    return new InfercException(
        Stage.ARTIFACT,
        "Tried to load the engine of the model "
            + model
            + " on cuda:"
            + device
            + ", but "
            + what
            + (said.isEmpty() ? "." : ": " + String.join(" | ", said)),
        "Compile the source model here and save it again; one that was built version-compatible is"
            + " loaded with TensorRtOptions.versionCompatible(true).");
  }

  String model() {
    return model;
  }

  int device() {
    return device;
  }

  /** Has what TensorRT says on the calling thread kept with this engine. */
  void listen() {
    LogRoutes.route(sink);
  }

  /** What TensorRT complained of last, for messages. */
  List<String> complaints() {
    return sink.complaints();
  }

  private ICudaEngine engine() {
    ICudaEngine open = engine;
    if (open == null) {
      throw new IllegalStateException("the engine is closed");
    }
    return open;
  }

  /** The tensors that the engine takes and returns; an input that nothing reads may be missing. */
  Set<String> tensors() {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < engine().getNbIOTensors(); i++) {
      names.add(engine().getIOTensorName(i));
    }
    return names;
  }

  /** Whether a tensor is read or written by the host, as those that hold shapes are. */
  boolean isOnHost(String tensor) {
    // What comes back is a copy of the constant, equal by its number alone.
    return engine().getTensorLocation(tensor).value == TensorLocation.kHOST.value;
  }

  int profiles() {
    return engine().getNbOptimizationProfiles();
  }

  long[] largest(String input, int profile) {
    return Dimensions.sizes(engine().getProfileShape(input, profile, OptProfileSelector.kMAX));
  }

  /** The device memory that a context needs for a profile. */
  long scratchBytes(int profile) {
    return engine().getDeviceMemorySizeForProfileV2(profile);
  }

  /** Makes a context without memory of its own; one at a time, as TensorRT asks. */
  synchronized IExecutionContext newContext() {
    Cuda.use(device, "open a session of the model " + model);
    LogRoutes.route(sink);
    IExecutionContext context =
        engine().createExecutionContext(ExecutionContextAllocationStrategy.kUSER_MANAGED);
    if (!NativeObjects.isReal(context)) {
      throw new InfercException(
          Stage.RUN,
          "Tried to open a session of the model "
              + model
              + ", but TensorRT gave no context: "
              + String.join(" | ", complaints()),
          "Close sessions that are no longer needed; each takes memory of the GPU.");
    }
    return context;
  }

  /** What the engine says of its layers, as JSON. */
  synchronized String layers() {
    IEngineInspector inspector = engine().createEngineInspector();
    if (!NativeObjects.isReal(inspector)) {
      throw new InfercException(
          Stage.COMPILE,
          "Tried to list the kernels of the model " + model + ", but TensorRT gave no inspector.",
          "See TensorRT's log.");
    }
    try {
      return String.valueOf(inspector.getEngineInformation(LayerInformationFormat.kJSON));
    } finally {
      NativeObjects.delete(inspector, NativeObjects.INTERFACE_SLOT);
    }
  }

  /** Writes the engine to a file. */
  synchronized void save(Path file) throws IOException {
    IHostMemory bytes = engine().serialize();
    if (!NativeObjects.isReal(bytes)) {
      throw new IOException("TensorRT gave no bytes: " + String.join(" | ", complaints()));
    }
    try {
      NativeBytes.write(bytes.data(), bytes.size(), file);
    } finally {
      NativeObjects.delete(bytes, NativeObjects.INTERFACE_SLOT);
    }
  }

  /** Refuses outputs whose sizes do not follow from those of the inputs. */
  void checkOutputs(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    IExecutionContext context = newContext();
    try {
      Set<String> known = tensors();
      for (TensorSpec input : inputs) {
        if (known.contains(input.name())) {
          context.setInputShape(input.name(), Dimensions.of(largest(input.name(), 0)));
        }
      }
      for (TensorSpec output : outputs) {
        for (long size : Dimensions.sizes(context.getTensorShape(output.name()))) {
          if (size < 0) {
            throw new InfercException(
                Stage.COMPILE,
                "Tried to compile the model "
                    + model
                    + " for TensorRT, but how large its output "
                    + output
                    + " is depends on the data, and memory for it cannot be set aside before.",
                "Run this model with ONNX Runtime, or cut it before the operator that looks at the"
                    + " data (NonZero, NonMaxSuppression and their like).");
          }
        }
      }
    } finally {
      NativeObjects.delete(context, NativeObjects.INTERFACE_SLOT);
    }
  }

  @Override
  public synchronized void close() {
    if (engine != null || runtime != null) {
      Cuda.use(device, "close the model " + model);
    }
    NativeObjects.delete(engine, NativeObjects.INTERFACE_SLOT);
    engine = null;
    NativeObjects.delete(runtime, NativeObjects.INTERFACE_SLOT);
    runtime = null;
  }
}

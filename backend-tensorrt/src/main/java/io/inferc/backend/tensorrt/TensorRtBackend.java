package io.inferc.backend.tensorrt;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.Capabilities;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.Fingerprint;
import io.inferc.spi.LoadRequest;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.StorageAllocator;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** TensorRT, loaded. */
final class TensorRtBackend implements Backend {
  private static final int TUNED_GRAPHS = 8;

  private final NativeLibraries libraries;
  private final List<GpuInfo> gpus;

  TensorRtBackend(NativeLibraries libraries) {
    this.libraries = libraries;
    try {
      gpus = libraries.gpus();
    } catch (CudaException e) {
      throw Cuda.failure(Stage.DISCOVERY, "list the GPUs", e);
    }
  }

  @Override
  public String name() {
    return Target.TENSORRT;
  }

  @Override
  public String version() {
    return libraries.library().toString();
  }

  private GpuInfo gpu(Target.Choice choice) {
    if (choice.device().isEmpty()) {
      return gpus.get(0);
    }
    String wanted = choice.device().get();
    return gpus.stream()
        .filter(gpu -> gpu.id().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Tried to use the device '"
                        + wanted
                        + "' with TensorRT, but there is only "
                        + gpus.stream()
                            .map(gpu -> gpu.id() + " (" + gpu.name() + ")")
                            .collect(Collectors.joining(", "))
                        + "."));
  }

  static TensorRtOptions options(Target.Choice choice) {
    return choice
        .options()
        .map(
            o -> {
              if (o instanceof TensorRtOptions own) {
                return own;
              }
              throw new IllegalArgumentException(
                  "Tried to use "
                      + o.getClass().getName()
                      + " with the back end 'tensorrt'; it takes TensorRtOptions.");
            })
        .orElseGet(TensorRtOptions::defaults);
  }

  @Override
  public Capabilities capabilities(Target.Choice choice) {
    TensorRtOptions options = options(choice);
    if (options.hardwareCompatibility() == HardwareCompatibility.SAME_COMPUTE_CAPABILITY
        && libraries.library().major() < 11) {
      throw new InfercException(
          Stage.COMPILE,
          "Tried to build an engine for every GPU of one compute capability, but TensorRT "
              + version()
              + " cannot.",
          "Use TensorRT 11, or HardwareCompatibility.AMPERE_PLUS.");
    }
    return TensorRtCapabilities.of(gpu(choice));
  }

  @Override
  public BackendModel compile(CompileRequest request) {
    GpuInfo gpu = gpu(request.choice());
    return new Compilation(request, gpu, options(request.choice()), libraries.builderResource(gpu))
        .run();
  }

  /** Graphs save what launching kernels costs, which is most of what a small model takes. */
  @Override
  public List<Target.Choice> tunings(Target.Choice choice, int callers) {
    TensorRtOptions options = options(choice);
    if (options.cudaGraphs() > 0) {
      return List.of();
    }
    TensorRtOptions graphs = options.toBuilder().cudaGraphs(TUNED_GRAPHS).build();
    return List.of(new Target.Choice(choice.backend(), choice.device(), Optional.of(graphs)));
  }

  @Override
  public Fingerprint fingerprint(Target.Choice choice) {
    return ArtifactRules.fingerprint(
        gpu(choice), libraries.library(), cudaVersion(), options(choice));
  }

  private int cudaVersion() {
    try {
      return libraries.cudaRuntime();
    } catch (CudaException e) {
      throw Cuda.failure(Stage.ARTIFACT, "ask CUDA for its version", e);
    }
  }

  @Override
  public ArtifactCheck checkArtifact(Fingerprint saved, Target.Choice choice) {
    return ArtifactRules.check(saved, fingerprint(choice));
  }

  @Override
  public BackendModel load(Path folder, LoadRequest request) {
    SavedEngine saved = SavedEngine.read(request.modelName(), folder);
    TensorRtOptions options = options(request.choice());
    Engine engine =
        Engine.load(
            request.modelName(),
            gpu(request.choice()).index(),
            folder.resolve(SavedEngine.ENGINE),
            options.versionCompatible());
    return new TensorRtModel(engine, saved.inputs(), saved.outputs(), options.cudaGraphs());
  }

  @Override
  public StorageAllocator allocator(MemoryKind kind, Target.Choice choice) {
    int device = gpu(choice).index();
    return switch (kind) {
      case HOST -> StorageAllocator.host();
      case PINNED -> PinnedStorage.allocator(device);
      case DEVICE -> DeviceStorage.allocator(device);
    };
  }
}

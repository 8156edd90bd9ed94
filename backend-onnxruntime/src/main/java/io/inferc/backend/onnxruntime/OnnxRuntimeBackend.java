package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions.Optimization;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.Capabilities;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.CpuFlags;
import io.inferc.spi.Fingerprint;
import io.inferc.spi.LoadRequest;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import io.inferc.spi.PreferredForm;
import io.inferc.spi.ProcessorShare;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.StorageAllocator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** ONNX Runtime, loaded. */
final class OnnxRuntimeBackend implements Backend {
  static final String MODEL_FILE = "model.onnx";

  /** Beyond it, reading a file costs less than a copy in memory. */
  private static final long MOST_WEIGHT_BYTES_IN_MEMORY = 16L << 20;

  private static final Set<String> DECISIVE = Set.of("optimization", "disabled_optimizers");

  private final String version;

  /** Makes a back end that says this version until the native library can be asked for its own. */
  OnnxRuntimeBackend(String version) {
    this.version = version;
  }

  @Override
  public String name() {
    return Target.ONNX_RUNTIME;
  }

  @Override
  public String version() {
    return Environments.nativeVersion().orElse(version);
  }

  @Override
  public Capabilities capabilities(Target.Choice choice) {
    boolean cpuOnly =
        SessionSettings.providers(choice).stream().allMatch(p -> p.name().equals(Providers.CPU));
    Capabilities.Builder capabilities = Capabilities.builder();
    // Other providers leave to that of the CPU what they do not know.
    PreferredForm.Builder form = PreferredForm.builder().halfPrecisionKernels(HalfKernels.cpu());
    if (cpuOnly) {
      // Other providers have no integer kernels for Q/DQ.
      form.dialect(Dialects.cpu(CpuFlags.describe()))
          .weightOnly(Dialects.weights())
          .transformerKernels(true)
          .halfPrecisionArithmetic(HalfKernels.compute(CpuFlags.describe()));
      capabilities
          .precision(NumericPrecision.INT8, PrecisionSupport.IN_MODEL)
          .precision(NumericPrecision.INT8_DYNAMIC, PrecisionSupport.IN_MODEL)
          .precision(NumericPrecision.WEIGHTS8, PrecisionSupport.IN_MODEL)
          .precision(NumericPrecision.WEIGHTS4, PrecisionSupport.IN_MODEL);
    }
    if (SessionSettings.providers(choice).stream().anyMatch(Providers::isCuda)) {
      capabilities.precision(NumericPrecision.TF32, PrecisionSupport.HINT);
    }
    return capabilities
        .precision(NumericPrecision.FP16, PrecisionSupport.IN_MODEL)
        .preferredForm(form.build())
        .dataTypes(Types.JAVA_TYPES.keySet())
        .dynamicShapes(Capabilities.DynamicShapes.ANY)
        .dataDependentOutputs(true)
        // Other providers put compiled parts into the graph that cannot be written to a file.
        .savable(cpuOnly)
        .intermediateOutputs(true)
        .otherOutputs(true)
        .build();
  }

  @Override
  public BackendModel compile(CompileRequest request) {
    OnnxModel model = request.source().model();
    FaultyNodes.CHECK.check(model, request.modelName());
    Target.Choice choice = hinted(request);
    Optimization optimization =
        request.faithful()
            ? Optimization.NONE
            : SessionSettings.options(choice).optimization().orElse(Optimization.ALL);
    try {
      OrtSession session = open(request.modelName(), request.source(), choice, optimization);
      return wrap(request.modelName(), session, choice, model, optimization, request.faithful());
    } catch (OrtException e) {
      throw Errors.compile(request.modelName(), e);
    }
  }

  /** The choice with what the precision asks beside the model. */
  private static Target.Choice hinted(CompileRequest request) {
    Target.Choice choice = request.choice();
    if (request.precision().precision() != NumericPrecision.TF32) {
      return choice;
    }
    List<ExecutionProvider> providers = Providers.withTf32(SessionSettings.providers(choice));
    return new Target.Choice(
        choice.backend(),
        Optional.empty(),
        Optional.of(SessionSettings.options(choice).with(providers)));
  }

  @Override
  public List<String> warnings(CompileRequest request) {
    return Doubts.of(request.source().model());
  }

  @Override
  public List<Target.Choice> places(Target.Choice choice) {
    return Tunings.places(choice, Providers.available());
  }

  @Override
  public List<Target.Choice> tunings(Target.Choice choice, int callers) {
    return Tunings.of(choice, callers, ProcessorShare.here());
  }

  private BackendModel wrap(
      String name,
      OrtSession session,
      Target.Choice choice,
      OnnxModel model,
      Optimization optimization,
      boolean faithful)
      throws OrtException {
    boolean complete = false;
    try {
      BackendModel wrapped =
          new OnnxRuntimeModel(this, name, session, choice, model, optimization, faithful);
      complete = true;
      return wrapped;
    } finally {
      if (!complete) {
        closeQuietly(session);
      }
    }
  }

  private static void closeQuietly(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      // The failure that led here is the one to report.
    }
  }

  private static OrtSession open(
      String name, ModelSource source, Target.Choice choice, Optimization optimization)
      throws OrtException {
    OrtEnvironment environment =
        Environments.get(SessionSettings.options(choice).threads().sharedPool());
    try (SessionOptions options = settings(name, environment, choice, optimization)) {
      Optional<byte[]> bytes = source.bytesInMemory(MOST_WEIGHT_BYTES_IN_MEMORY);
      return bytes.isPresent()
          ? environment.createSession(bytes.get(), options)
          : environment.createSession(source.path().toString(), options);
    }
  }

  private static SessionOptions settings(
      String name, OrtEnvironment environment, Target.Choice choice, Optimization optimization) {
    try {
      return SessionSettings.create(environment, choice, optimization);
    } catch (OrtException e) {
      throw Errors.settings(name, e);
    }
  }

  /** Opens a graph that was optimized before, to be run while its kernels are timed. */
  OrtSession openProfiled(String name, Path optimized, Target.Choice choice, Path profile) {
    OrtEnvironment environment =
        Environments.get(SessionSettings.options(choice).threads().sharedPool());
    try (SessionOptions options = settings(name, environment, choice, Optimization.NONE)) {
      options.enableProfiling(profile.toString());
      return environment.createSession(optimized.toString(), options);
    } catch (OrtException e) {
      throw Errors.load(name, e);
    }
  }

  /** Writes the graph as ONNX Runtime would run it. */
  void writeOptimized(
      String name,
      Path source,
      Path target,
      Target.Choice choice,
      Optimization optimization,
      boolean externalWeights) {
    OrtEnvironment environment =
        Environments.get(SessionSettings.options(choice).threads().sharedPool());
    try (SessionOptions options = settings(name, environment, choice, optimization)) {
      options.setOptimizedModelFilePath(target.toString());
      if (externalWeights) {
        options.addConfigEntry(
            "session.optimized_model_external_initializers_file_name", MODEL_FILE + ".data");
      }
      environment.createSession(source.toString(), options).close();
    } catch (OrtException e) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to write the optimized graph of the model "
              + name
              + ", but ONNX Runtime failed to: "
              + Errors.said(e)
              + ".",
          "Check the free space and the permissions of " + target.getParent() + ".",
          e);
    }
  }

  @Override
  public Fingerprint fingerprint(Target.Choice choice) {
    Map<String, String> properties = new TreeMap<>(SessionSettings.options(choice).describe());
    properties.keySet().retainAll(DECISIVE);
    properties.putIfAbsent("optimization", Optimization.ALL.toString());
    properties.put("cpu", CpuFlags.describe());
    // Asking makes the environment, which for this choice is made now or at the next step anyway.
    String loaded =
        Environments.get(SessionSettings.options(choice).threads().sharedPool()).getVersion();
    return Fingerprint.of(
        name(), loaded, Providers.describe(SessionSettings.providers(choice)), properties);
  }

  @Override
  public ArtifactCheck checkArtifact(Fingerprint saved, Target.Choice choice) {
    Fingerprint here = fingerprint(choice);
    if (!saved.backend().equals(here.backend())) {
      return refused("it was compiled by the back end '" + saved.backend() + "'");
    }
    if (!saved.backendVersion().equals(here.backendVersion())) {
      return refused(
          "it was optimized by ONNX Runtime "
              + saved.backendVersion()
              + " and this is "
              + here.backendVersion());
    }
    if (!saved.device().equals(here.device())) {
      return refused(
          "it was compiled for the device '"
              + saved.device()
              + "' and is loaded for '"
              + here.device()
              + "'");
    }
    String cpuThen = saved.properties().getOrDefault("cpu", "");
    String cpuNow = here.properties().getOrDefault("cpu", "");
    // The last level lays out memory for the widest registers it finds; the others go by the graph.
    boolean layout =
        saved
            .properties()
            .getOrDefault("optimization", Optimization.ALL.toString())
            .equals(Optimization.ALL.toString());
    boolean fits = layout ? cpuThen.equals(cpuNow) : CpuFlags.includes(cpuNow, cpuThen);
    return fits
        ? new ArtifactCheck.Fits()
        : refused("it was optimized for a CPU with " + cpuThen + " and this one has " + cpuNow);
  }

  private static ArtifactCheck refused(String reason) {
    return new ArtifactCheck.Refused(
        reason + ".", "Compile the source model here and save it again.");
  }

  @Override
  public BackendModel load(Path folder, LoadRequest request) {
    Path file = folder.resolve(MODEL_FILE);
    if (!Files.isRegularFile(file)) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to load the model " + request.modelName() + ", but " + file + " is missing.",
          "Copy the whole folder, or save the model again from its source.");
    }
    // ONNX Runtime maps weights beside the graph, and the folder's may be written to: a source has
    // a copy of such. It reads the model first, so that a damaged one ends in an exception of ours.
    try (ModelSource source = ModelSource.of(file, request.limits())) {
      OnnxModel model = source.model();
      OrtSession session = open(request.modelName(), source, request.choice(), Optimization.NONE);
      return wrap(request.modelName(), session, request.choice(), model, Optimization.NONE, false);
    } catch (OrtException e) {
      throw Errors.load(request.modelName(), e);
    }
  }

  @Override
  public StorageAllocator allocator(MemoryKind kind, Target.Choice choice) {
    if (kind != MemoryKind.HOST) {
      throw new IllegalArgumentException(
          "Tried to allocate "
              + kind
              + " memory with the back end 'onnxruntime', but its Java API binds host memory only."
              + " Use MemoryKind.HOST.");
    }
    return StorageAllocator.host();
  }
}

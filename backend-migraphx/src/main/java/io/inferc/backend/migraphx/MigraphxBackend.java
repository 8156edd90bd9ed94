package io.inferc.backend.migraphx;

import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendUnavailableException;
import io.inferc.spi.Capabilities;
import io.inferc.spi.Capabilities.DynamicShapes;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.Device;
import io.inferc.spi.Fingerprint;
import io.inferc.spi.LoadRequest;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import io.inferc.spi.PreferredForm;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.StorageAllocator;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** MIGraphX, loaded. */
final class MigraphxBackend implements Backend {
  private final MigraphxLibrary library;

  MigraphxBackend(MigraphxLibrary library) {
    this.library = library;
  }

  @Override
  public String name() {
    return Target.MIGRAPHX;
  }

  @Override
  public String version() {
    return library.version();
  }

  @Override
  public Capabilities capabilities(Target.Choice choice) {
    checkedTarget(choice);
    boolean anyShape = options(choice).defaultRange().isPresent();
    Capabilities.Builder capabilities =
        Capabilities.builder()
            .precision(NumericPrecision.FP16, PrecisionSupport.IN_MODEL)
            .precision(NumericPrecision.INT8, PrecisionSupport.IN_MODEL);
    if (library.types().types().contains(DataType.BFLOAT16)) {
      capabilities.precision(NumericPrecision.BF16, PrecisionSupport.IN_MODEL);
    }
    return capabilities
        .preferredForm(PreferredForm.builder().dialect(Dialects.migraphx()).build())
        .dataTypes(library.types().types())
        // With a default range a profile need not bind everything; ProfileSizes checks requests
        // then.
        .dynamicShapes(anyShape ? DynamicShapes.ANY : DynamicShapes.WITHIN_PROFILES)
        .dataDependentOutputs(false)
        .savable(true)
        .intermediateOutputs(false)
        .build();
  }

  private Targets.Choice target(Target.Choice choice) {
    Targets targets = library.targets();
    String asked = choice.device().orElse(targets.devices().get(0).id());
    return targets
        .choose(asked)
        .orElseThrow(
            () -> {
              String there = String.join(", ", targets.devices().stream().map(Device::id).toList());
              return targets
                  .absence(asked)
                  .<RuntimeException>map(
                      reason ->
                          new BackendUnavailableException(
                              "Tried to use MIGraphX's target '" + asked + "', but " + reason + ".",
                              "Choose one that is there ("
                                  + there
                                  + "), or install the driver and the target that are missing.",
                              null))
                  .orElseGet(
                      () ->
                          new IllegalArgumentException(
                              "Tried to use the device '"
                                  + asked
                                  + "' of MIGraphX, which has "
                                  + there
                                  + "."));
            });
  }

  /** The target, which must have what the options ask for. */
  private Targets.Choice checkedTarget(Target.Choice choice) {
    Targets.Choice target = target(choice);
    if (options(choice).asynchronous() && !target.isGpu()) {
      throw new IllegalArgumentException(
          "Tried to run asynchronously on MIGraphX's target '"
              + target.name()
              + "', which has no streams: only AMD GPUs have them, through HIP. Leave"
              + " MigraphxOptions.Builder.asynchronous() off, or choose the device 'gpu'.");
    }
    return target;
  }

  private static MigraphxOptions options(Target.Choice choice) {
    return choice.options().map(MigraphxOptions.class::cast).orElse(MigraphxOptions.defaults());
  }

  @Override
  public BackendModel compile(CompileRequest request) {
    ProgramCompiler compiler =
        compiler(
            request.modelName(), request.choice(), request.source().model(), request.profiles());
    ProgramCache<Program> programs = cache(compiler, Math.max(1, request.profiles().size()));
    boolean complete = false;
    try {
      Program any = null;
      int first = request.profiles().isEmpty() ? ProfileSizes.NONE : 0;
      for (int profile = first; profile < request.profiles().size(); profile++) {
        request.cancellation().throwIfCancelled(Stage.COMPILE);
        ProgramKey key = compiler.key(profile);
        if (!programs.contains(key)) {
          any = compiler.compile(key, request.source().path());
          programs.put(key, any);
        }
        request
            .progress()
            .onProgress(
                Stage.COMPILE,
                request.modelName(),
                profile - first + 1,
                request.profiles().size() - first);
      }
      if (any == null) {
        throw new IllegalStateException("no program was compiled");
      }
      BackendModel model = new MigraphxModel(compiler, programs, any);
      complete = true;
      return model;
    } finally {
      if (!complete) {
        programs.close();
      }
    }
  }

  private ProgramCompiler compiler(
      String name, Target.Choice choice, OnnxModel model, List<ShapeProfile> profiles) {
    MigraphxOptions options = options(choice);
    new ModelCheck(name, library.types(), library.operators(), options.loopRounds().isPresent())
        .check(model);
    List<TensorSpec> inputs =
        model.graph().requiredInputs().stream()
            .map(ValueInfo::tensor)
            .map(spec -> spec.orElseThrow())
            .toList();
    return new ProgramCompiler(
        library,
        name,
        checkedTarget(choice),
        options,
        model,
        inputs,
        ProfileSizes.of(name, inputs, profiles, options.defaultRange()));
  }

  private static ProgramCache<Program> cache(ProgramCompiler compiler, int atLeast) {
    int most = Math.max(compiler.options().programs(), atLeast);
    return new ProgramCache<>(most, compiler::compile, Program::free);
  }

  @Override
  public Fingerprint fingerprint(Target.Choice choice) {
    Targets.Choice target = target(choice);
    Map<String, String> properties = new TreeMap<>(options(choice).decisive());
    properties.put("target", target.name());
    if (target.isGpu()) {
      properties.put("gpu", target.device().description());
      library.targets().hip().ifPresent(hip -> properties.put("hip", hip.version()));
    }
    return Fingerprint.of(name(), version(), target.device().id(), properties);
  }

  @Override
  public ArtifactCheck checkArtifact(Fingerprint saved, Target.Choice choice) {
    Fingerprint here = fingerprint(choice);
    if (!saved.backend().equals(here.backend())) {
      return refused("it was compiled by the back end '" + saved.backend() + "'");
    }
    if (!saved.backendVersion().equals(here.backendVersion())) {
      return refused(
          "it was compiled by MIGraphX "
              + saved.backendVersion()
              + " and this is "
              + here.backendVersion());
    }
    Map<String, String> differing = new TreeMap<>(saved.properties());
    differing.entrySet().removeAll(here.properties().entrySet());
    if (!differing.isEmpty() || !saved.properties().keySet().equals(here.properties().keySet())) {
      return refused(
          "it was compiled with "
              + saved.properties()
              + " and is loaded with "
              + here.properties());
    }
    return new ArtifactCheck.Fits();
  }

  private static ArtifactCheck refused(String reason) {
    return new ArtifactCheck.Refused(
        reason + ".", "Compile the source model here and save it again.");
  }

  @Override
  public BackendModel load(Path folder, LoadRequest request) {
    SavedPrograms saved = SavedPrograms.read(folder, request.modelName());
    ProgramCompiler compiler =
        compiler(
            request.modelName(),
            request.choice(),
            saved.model(request.limits()),
            request.profiles());
    ProgramCache<Program> programs = cache(compiler, saved.programs().size());
    boolean complete = false;
    try {
      Program any = saved.load(compiler, programs);
      BackendModel model = new MigraphxModel(compiler, programs, any);
      complete = true;
      return model;
    } finally {
      if (!complete) {
        programs.close();
      }
    }
  }

  @Override
  public StorageAllocator allocator(MemoryKind kind, Target.Choice choice) {
    if (kind != MemoryKind.HOST) {
      throw new IllegalArgumentException(
          "Tried to allocate "
              + kind
              + " memory with the back end 'migraphx', which copies inputs and outputs from and to"
              + " host memory by itself. Use MemoryKind.HOST.");
    }
    return StorageAllocator.host();
  }
}

package io.inferc.backend.tensorrt;

import io.inferc.backend.tensorrt.BuildFailure.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.BuilderFlag;
import org.bytedeco.tensorrt.global.nvinfer.HardwareCompatibilityLevel;
import org.bytedeco.tensorrt.global.nvinfer.MemoryPoolType;
import org.bytedeco.tensorrt.global.nvinfer.NetworkDefinitionCreationFlag;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvinfer.ProfilingVerbosity;
import org.bytedeco.tensorrt.global.nvonnxparser;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.IBuilder;
import org.bytedeco.tensorrt.nvinfer.IBuilderConfig;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.INetworkDefinition;
import org.bytedeco.tensorrt.nvinfer.IOptimizationProfile;
import org.bytedeco.tensorrt.nvinfer.ITensor;
import org.bytedeco.tensorrt.nvinfer.ITimingCache;
import org.bytedeco.tensorrt.nvonnxparser.IParser;
import org.bytedeco.tensorrt.nvonnxparser.IParserError;
import org.jspecify.annotations.Nullable;

/**
 * Builds one engine in the process that it is called in. Only to be called where a device has been
 * counted: without one TensorRT ends the process.
 */
final class NetworkBuild {
  private record Owned(@Nullable Pointer object, int slot) {}

  private final BuildPlan plan;
  private final LogSink sink;
  private final List<Owned> owned = new ArrayList<>();

  private NetworkBuild(BuildPlan plan, LogSink sink) {
    this.plan = plan;
    this.sink = sink;
  }

  /** Builds the engine and writes it where the plan says. */
  static void run(BuildPlan plan, LogSink sink) throws BuildFailure {
    // One at a time: builds measure kernels, and two on one GPU would disturb each other.
    synchronized (NetworkBuild.class) {
      new NetworkBuild(plan, sink).run();
    }
  }

  private void run() throws BuildFailure {
    try {
      LogRoutes.route(sink);
      build(TensorRtLog.shared());
    } finally {
      // What was made last goes first, as TensorRT asks.
      for (int i = owned.size() - 1; i >= 0; i--) {
        NativeObjects.delete(owned.get(i).object(), owned.get(i).slot());
      }
    }
  }

  private <T extends Pointer> T own(@Nullable T object, Kind kind, String failure)
      throws BuildFailure {
    if (object == null || !NativeObjects.isReal(object)) {
      throw new BuildFailure(kind, failure);
    }
    owned.add(new Owned(object, NativeObjects.INTERFACE_SLOT));
    return object;
  }

  private void build(TensorRtLog log) throws BuildFailure {
    preload();
    try {
      Cuda.check(cudart.cudaSetDevice(plan.device()), "cudaSetDevice");
    } catch (CudaException e) {
      throw new BuildFailure(Kind.BUILD, String.valueOf(e.getMessage()));
    }
    IBuilder builder =
        own(nvinfer.createInferBuilder(log), Kind.NO_BUILDER, "TensorRT gave no builder");
    INetworkDefinition network =
        own(builder.createNetworkV2(stronglyTyped()), Kind.BUILD, "TensorRT gave no network");
    parse(network, log);
    IBuilderConfig config =
        own(builder.createBuilderConfig(), Kind.BUILD, "TensorRT gave no configuration");
    configure(config);
    addProfiles(builder, network, config);
    TimingCacheFile cacheFile =
        plan.timingCache().map(f -> new TimingCacheFile(f, sink)).orElse(null);
    ITimingCache cache = null;
    if (cacheFile != null) {
      cache = own(cacheFile.give(config), Kind.BUILD, "TensorRT gave no timing cache");
    }
    IHostMemory engine =
        own(
            builder.buildSerializedNetwork(network, config),
            Kind.BUILD,
            "the build gave no engine");
    if (cacheFile != null && cache != null) {
      cacheFile.keep(config, cache);
    }
    try {
      NativeBytes.write(engine.data(), engine.size(), plan.engine());
    } catch (IOException e) {
      throw new BuildFailure(Kind.FILE, "the engine could not be written to a file: " + e);
    }
  }

  /** The flag of 10, by its name because it means nothing any more in 11 and may go. */
  private static int stronglyTyped() {
    try {
      return 1 << NetworkDefinitionCreationFlag.valueOf("kSTRONGLY_TYPED").value;
    } catch (IllegalArgumentException e) {
      return 0;
    }
  }

  /**
   * Has the loader know the builder resource by its bare name, by which TensorRT will ask for it.
   */
  private void preload() throws BuildFailure {
    if (plan.preload().isEmpty()) {
      return;
    }
    try {
      Loader.loadGlobal(plan.preload().get());
    } catch (LinkageError e) {
      throw new BuildFailure(
          Kind.NO_BUILDER,
          "the loader does not find " + plan.preload().get() + " by its name: " + e.getMessage());
    }
  }

  private void parse(INetworkDefinition network, TensorRtLog log) throws BuildFailure {
    IParser parser = nvonnxparser.createParser(network, log);
    if (!NativeObjects.isReal(parser)) {
      throw new BuildFailure(Kind.BUILD, "TensorRT gave no parser");
    }
    owned.add(
        new Owned(
            parser,
            NativeObjects.parserSlot(TensorRtVersion.decode(nvinfer.getInferLibVersion()))));
    if (!read(parser)) {
      throw parserFailure(parser);
    }
    if (network.getNbOutputs() == 0) {
      throw new BuildFailure(Kind.PARSE, "the model has no output");
    }
  }

  private boolean read(IParser parser) throws BuildFailure {
    if (!plan.inMemory()) {
      return parser.parseFromFile(plan.model().toString(), LogSeverity.WARNING.code());
    }
    try (BytePointer bytes = NativeBytes.read(plan.model())) {
      return parser.parse(bytes, bytes.capacity());
    } catch (IOException e) {
      throw new BuildFailure(Kind.FILE, "the model's file could not be read: " + e);
    }
  }

  private static BuildFailure parserFailure(IParser parser) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < parser.getNbErrors(); i++) {
      all.add(String.valueOf(parser.getError(i).desc()));
    }
    if (all.isEmpty()) {
      return new BuildFailure(Kind.PARSE, "the parser refused the model and does not say why");
    }
    IParserError first = parser.getError(0);
    return new BuildFailure(
        Kind.PARSE,
        all.get(0),
        new BuildFailure.At(
            first.node(), String.valueOf(first.nodeName()), String.valueOf(first.nodeOperator())),
        all);
  }

  private void configure(IBuilderConfig config) throws BuildFailure {
    config.setBuilderOptimizationLevel(plan.builderLevel());
    if (plan.workspaceBytes().isPresent()) {
      config.setMemoryPoolLimit(MemoryPoolType.kWORKSPACE, plan.workspaceBytes().getAsLong());
    }
    // TensorRT has TF32 on unless it is told.
    if (plan.tf32()) {
      config.setFlag(BuilderFlag.kTF32);
    } else {
      config.clearFlag(BuilderFlag.kTF32);
    }
    if (plan.versionCompatible()) {
      config.setFlag(BuilderFlag.kVERSION_COMPATIBLE);
    }
    if (plan.hardware() != HardwareCompatibility.NONE) {
      config.setHardwareCompatibilityLevel(level(plan.hardware()));
    }
    config.setProfilingVerbosity(
        plan.layerDetails() ? ProfilingVerbosity.kDETAILED : ProfilingVerbosity.kLAYER_NAMES_ONLY);
  }

  private static HardwareCompatibilityLevel level(HardwareCompatibility wanted)
      throws BuildFailure {
    try {
      return HardwareCompatibilityLevel.valueOf("k" + wanted.name());
    } catch (IllegalArgumentException e) {
      throw new BuildFailure(
          Kind.OPTION, "this version of TensorRT has no hardware compatibility " + wanted);
    }
  }

  private void addProfiles(IBuilder builder, INetworkDefinition network, IBuilderConfig config)
      throws BuildFailure {
    List<String> open = new ArrayList<>();
    for (int i = 0; i < network.getNbInputs(); i++) {
      ITensor input = network.getInput(i);
      if (input.isShapeTensor()) {
        throw new BuildFailure(Kind.SHAPE_INPUT, input.getName());
      }
      Dims64 dims = input.getDimensions();
      for (int axis = 0; axis < dims.nbDims(); axis++) {
        if (dims.d(axis) < 0) {
          open.add(input.getName());
          break;
        }
      }
    }
    if (open.isEmpty()) {
      return;
    }
    for (BuildPlan.Profile wanted : plan.profiles()) {
      IOptimizationProfile profile = builder.createOptimizationProfile();
      if (!NativeObjects.isReal(profile)) {
        throw new BuildFailure(Kind.BUILD, "TensorRT gave no optimization profile");
      }
      for (BuildPlan.Sizes sizes : wanted.inputs()) {
        if (open.contains(sizes.input())) {
          set(profile, wanted, sizes);
        }
      }
      if (!profile.isValid() || config.addOptimizationProfile(profile) < 0) {
        throw new BuildFailure(Kind.PROFILE, "the profile '" + wanted.name() + "' was refused");
      }
    }
  }

  private static void set(
      IOptimizationProfile profile, BuildPlan.Profile wanted, BuildPlan.Sizes sizes)
      throws BuildFailure {
    String input = sizes.input();
    boolean taken =
        profile.setDimensions(input, OptProfileSelector.kMIN, Dimensions.of(sizes.min()))
            && profile.setDimensions(input, OptProfileSelector.kOPT, Dimensions.of(sizes.opt()))
            && profile.setDimensions(input, OptProfileSelector.kMAX, Dimensions.of(sizes.max()));
    if (!taken) {
      throw new BuildFailure(
          Kind.PROFILE,
          "the sizes of '" + input + "' in the profile '" + wanted.name() + "' were refused");
    }
  }
}

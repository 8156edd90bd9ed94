package io.inferc.backend.tensorrt;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.TemporaryFolder;
import io.inferc.onnx.Graph;
import io.inferc.onnx.OnnxModel;
import io.inferc.spi.BackendModel;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One compilation, from the request to a model that can run. */
final class Compilation {
  private final CompileRequest request;
  private final GpuInfo gpu;
  private final TensorRtOptions options;
  private final BuilderResource resource;
  private final BuildLog log;
  private BuildPhase reported = BuildPhase.PARSE;

  Compilation(
      CompileRequest request, GpuInfo gpu, TensorRtOptions options, BuilderResource resource) {
    this.request = request;
    this.gpu = gpu;
    this.options = options;
    this.resource = resource;
    log = new BuildLog(request.modelName(), request.progress());
  }

  BackendModel run() {
    OnnxModel model = request.source().model();
    Graph graph = model.graph();
    List<TensorSpec> inputs = Types.inputs(request.modelName(), graph, gpu);
    List<TensorSpec> outputs = Types.outputs(request.modelName(), graph, gpu);
    List<BuildPlan.Profile> profiles =
        ProfileSizes.of(request.modelName(), inputs, request.profiles());
    FaultyNodes.CHECK.check(model, request.modelName());
    try (TemporaryFolder temporary = TemporaryFolder.create("tensorrt", Stage.COMPILE)) {
      Path folder = temporary.path();
      BuildPlan plan = plan(folder, profiles);
      request.cancellation().throwIfCancelled(Stage.COMPILE);
      log.begin();
      build(plan, folder, graph);
      request.cancellation().throwIfCancelled(Stage.COMPILE);
      report(BuildPhase.DONE);
      return open(plan.engine(), inputs, outputs);
    }
  }

  private BuildPlan plan(Path folder, List<BuildPlan.Profile> profiles) {
    // In its own process the loader is told of the folder; in ours it must be shown the library.
    Optional<String> preload =
        options.isolatedBuild() || resource.onLoaderPath()
            ? Optional.empty()
            : Optional.of(resource.name());
    ModelFile model = ModelFile.of(request.source(), folder);
    return new BuildPlan(
        model.path(),
        model.whole(),
        folder.resolve(SavedEngine.ENGINE),
        gpu.index(),
        options.builderLevel(),
        options.workspaceBytes(),
        options.tf32() || request.precision().precision() == NumericPrecision.TF32,
        options.hardwareCompatibility(),
        options.versionCompatible(),
        options.layerDetails(),
        options.timingCache().map(Path::toAbsolutePath),
        preload,
        profiles);
  }

  private void build(BuildPlan plan, Path folder, Graph graph) {
    try {
      if (options.isolatedBuild()) {
        isolated().run(plan, folder, this::report);
      } else {
        NetworkBuild.run(plan, log);
      }
    } catch (BuildFailure e) {
      throw Errors.build(request.modelName(), graph, e, log.complaints());
    }
  }

  private IsolatedBuild isolated() {
    String classPath =
        WorkerClassPath.find()
            .orElseThrow(
                () ->
                    new InfercException(
                        Stage.COMPILE,
                        "Tried to build an engine in a JVM of its own, but the jars of inferc and"
                            + " of the TensorRT presets are packed into another file, which a"
                            + " second JVM cannot read.",
                        "Build in this process with TensorRtOptions.isolatedBuild(false), or put"
                            + " the jars on the class path as files."));
    List<Path> folders =
        resource.onLoaderPath() ? List.of() : resource.folder().map(List::of).orElse(List.of());
    return new IsolatedBuild(
        IsolatedBuild.command(classPath), folders, log, request.cancellation());
  }

  /** Reports each phase once, on the calling thread. */
  private void report(BuildPhase reached) {
    if (reached.step() > reported.step()) {
      reported = reached;
      log.report(reached);
    }
  }

  private BackendModel open(Path file, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    Engine engine =
        Engine.load(request.modelName(), gpu.index(), file, options.versionCompatible());
    boolean complete = false;
    try {
      engine.checkOutputs(inputs, outputs);
      BackendModel model = new TensorRtModel(engine, inputs, outputs, options.cudaGraphs());
      complete = true;
      return model;
    } finally {
      if (!complete) {
        engine.close();
      }
    }
  }
}

package io.inferc.backend.onnxruntime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions.Optimization;
import io.inferc.common.Stage;
import io.inferc.common.internal.TemporaryFolder;
import io.inferc.onnx.Graph;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.Target;
import io.inferc.runtime.ValueSpec;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A model in ONNX Runtime; one native session, which serves any number of threads and shapes. */
final class OnnxRuntimeModel implements BackendModel {
  // Under protobuf's 2 GB with room for what the optimizer adds.
  private static final long MOST_WEIGHTS_INSIDE = 1_500_000_000L;

  private final OnnxRuntimeBackend backend;
  private final String name;
  private final OrtSession session;
  private final Target.Choice choice;
  private final OnnxModel model;
  private final Optimization optimization;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final List<ValueSpec> others;
  private final NativeCopies copies;

  OnnxRuntimeModel(
      OnnxRuntimeBackend backend,
      String name,
      OrtSession session,
      Target.Choice choice,
      OnnxModel model,
      Optimization optimization,
      boolean faithful)
      throws OrtException {
    this.backend = backend;
    this.name = name;
    this.session = session;
    this.choice = choice;
    this.model = model;
    this.optimization = optimization;
    copies = new NativeCopies(environment());
    inputs = Types.specs(name, "input", session.getInputInfo(), model.graph());
    Map<String, NodeInfo> results = session.getOutputInfo();
    others = OtherValues.specs(results);
    outputs =
        faithful
            ? Types.passableSpecs(name, results, model.graph())
            : Types.specs(name, "output", OtherValues.without(results, others), model.graph());
  }

  @Override
  public List<TensorSpec> inputs() {
    return inputs;
  }

  @Override
  public List<TensorSpec> outputs() {
    return outputs;
  }

  @Override
  public List<ValueSpec> otherOutputs() {
    return others;
  }

  @Override
  public BackendSession newSession(int profile) {
    return new OnnxRuntimeSession(
        name,
        environment(),
        session,
        inputs,
        outputs,
        others,
        copies,
        SessionSettings.options(choice).shrinkArenaAfterRun());
  }

  private OrtEnvironment environment() {
    return Environments.get(SessionSettings.options(choice).threads().sharedPool());
  }

  @Override
  public void save(Path folder) {
    writeOptimized(folder);
  }

  private Path writeOptimized(Path folder) {
    Path target = folder.resolve(OnnxRuntimeBackend.MODEL_FILE);
    boolean external = model.summary().weightBytes() > MOST_WEIGHTS_INSIDE;
    try (ModelSource source = ModelSource.of(model)) {
      backend.writeOptimized(name, source.path(), target, choice, optimization, external);
    }
    return target;
  }

  @Override
  public List<KernelInfo> kernels() {
    return kernels(Optional.empty());
  }

  @Override
  public List<KernelInfo> kernels(Map<String, Tensor> request) {
    return kernels(Optional.of(request));
  }

  private List<KernelInfo> kernels(Optional<Map<String, Tensor>> request) {
    if (!backend.capabilities(choice).savable()) {
      // What other providers take over is compiled by them and has no kernels to list.
      return List.of();
    }
    try (TemporaryFolder folder = TemporaryFolder.create("kernels", Stage.COMPILE)) {
      Path optimized = writeOptimized(folder.path());
      Graph graph = OnnxModel.loadUnchecked(optimized).graph();
      double[] millis =
          request.isPresent()
              ? new KernelTimes(backend, name, choice).measure(optimized, graph, request.get())
              : new double[graph.nodes().size()];
      return Kernels.of(model.graph(), graph, millis);
    }
  }

  @Override
  public void close() {
    try (copies) {
      session.close();
    } catch (OrtException e) {
      throw Errors.run(name, e);
    }
  }
}

package io.inferc.backend.tensorrt;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.KernelInfo;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An engine, shared by the contexts of all sessions. */
final class TensorRtModel implements BackendModel {
  private final Engine engine;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final int graphs;

  TensorRtModel(Engine engine, List<TensorSpec> inputs, List<TensorSpec> outputs, int graphs) {
    this.engine = engine;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.graphs = graphs;
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
  public BackendSession newSession(int profile) {
    return new TensorRtSession(engine, inputs, outputs, profile, graphs);
  }

  @Override
  public void save(Path folder) {
    try {
      Path file = folder.resolve(SavedEngine.ENGINE);
      engine.save(file);
      new SavedEngine(SavedEngine.digestOf(file), inputs, outputs).write(folder);
    } catch (IOException e) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to save the model " + engine.model() + ", but writing failed: " + e + ".",
          "Check the free space and the permissions of " + folder + ".",
          e);
    }
  }

  @Override
  public List<KernelInfo> kernels() {
    return LayerInformation.read(engine.model(), engine.layers());
  }

  @Override
  public void close() {
    engine.close();
  }
}

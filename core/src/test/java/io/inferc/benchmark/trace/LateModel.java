package io.inferc.benchmark.trace;

import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A model whose asynchronous runs end when a test says so. */
record LateModel(CompiledModel model, CompletableFuture<Outputs> future) implements CompiledModel {
  @Override
  public String name() {
    return model.name();
  }

  @Override
  public Target.Choice target() {
    return model.target();
  }

  @Override
  public String backendVersion() {
    return model.backendVersion();
  }

  @Override
  public List<TensorSpec> inputs() {
    return model.inputs();
  }

  @Override
  public List<TensorSpec> outputs() {
    return model.outputs();
  }

  @Override
  public List<ShapeProfile> profiles() {
    return model.profiles();
  }

  @Override
  public InferenceSession newSession() {
    return model.newSession();
  }

  @Override
  public Outputs run(Map<String, Tensor> inputs) {
    return model.run(inputs);
  }

  @Override
  public CompletableFuture<Outputs> runAsync(Map<String, Tensor> inputs) {
    return future;
  }

  @Override
  public void save(Path folder) {
    model.save(folder);
  }

  @Override
  public void close() {
    model.close();
  }
}

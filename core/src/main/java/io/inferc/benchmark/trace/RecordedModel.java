package io.inferc.benchmark.trace;

import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.ModelMemory;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.runtime.ValueSpec;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** A model that tells a recording what it ran, and does all else as the one it is around. */
final class RecordedModel implements CompiledModel {
  private final CompiledModel model;
  private final Recording recording;

  RecordedModel(CompiledModel model, Recording recording) {
    this.model = model;
    this.recording = recording;
  }

  @Override
  public InferenceSession newSession() {
    return new RecordedSession(model.newSession(), recording);
  }

  @Override
  public Outputs run(Map<String, Tensor> inputs) {
    if (!recording.isOpen()) {
      return model.run(inputs);
    }
    ShapeSet known = recording.shapes(inputs);
    Payload payload = known == null ? null : recording.payload(inputs);
    boolean failed = true;
    long start = System.nanoTime();
    try {
      Outputs outputs = model.run(inputs);
      failed = false;
      return outputs;
    } finally {
      recording.add(start, System.nanoTime() - start, known, failed, payload);
    }
  }

  @Override
  public CompletableFuture<Outputs> runAsync(Map<String, Tensor> inputs) {
    if (!recording.isOpen()) {
      return model.runAsync(inputs);
    }
    ShapeSet known = recording.shapes(inputs);
    Payload payload = known == null ? null : recording.payload(inputs);
    boolean started = false;
    long start = System.nanoTime();
    try {
      CompletableFuture<Outputs> future = model.runAsync(inputs);
      started = true;
      // The model's own future is returned: cancelling a dependent one would not reach it.
      var unused =
          future.whenComplete(
              (outputs, failure) ->
                  recording.add(start, System.nanoTime() - start, known, failure != null, payload));
      return future;
    } finally {
      if (!started) {
        recording.add(start, System.nanoTime() - start, known, true, payload);
      }
    }
  }

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
  public List<ValueSpec> otherOutputs() {
    return model.otherOutputs();
  }

  @Override
  public CompilationReport report() {
    return model.report();
  }

  @Override
  public List<ShapeProfile> profiles() {
    return model.profiles();
  }

  @Override
  public String precision() {
    return model.precision();
  }

  @Override
  public List<String> warnings() {
    return model.warnings();
  }

  @Override
  public OptionalLong weightBytes() {
    return model.weightBytes();
  }

  @Override
  public ModelMemory memory() {
    return model.memory();
  }

  @Override
  public List<KernelInfo> kernels() {
    return model.kernels();
  }

  @Override
  public List<KernelInfo> kernels(Map<String, Tensor> request) {
    return model.kernels(request);
  }

  @Override
  public void save(Path folder) {
    model.save(folder);
  }

  @Override
  public void close() {
    model.close();
  }

  @Override
  public String toString() {
    return model + ", recorded";
  }
}

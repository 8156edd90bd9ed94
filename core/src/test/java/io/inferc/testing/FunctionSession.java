package io.inferc.testing;

import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A session of a {@link FunctionModel}. */
final class FunctionSession implements InferenceSession {
  private final FunctionModel model;
  private final Runnable onClose;
  private final Map<String, Tensor> inputs = new HashMap<>();
  private final Map<String, Tensor> owned = new HashMap<>();
  private final Map<String, Tensor> boundOutputs = new HashMap<>();
  private Outputs outputs = Outputs.of(Map.of());
  private boolean closed;

  FunctionSession(FunctionModel model, Runnable onClose) {
    this.model = model;
    this.onClose = onClose;
  }

  @Override
  public Tensor input(String name) {
    TensorSpec spec = spec(model.inputs(), name);
    Tensor bound = inputs.get(name);
    if (bound != null) {
      return bound;
    }
    if (!spec.shape().isFixed()) {
      throw new InfercException(
          Stage.RUN,
          "Tried to take the input " + spec + ", but its shape is open.",
          "Call input(name, shape).");
    }
    return input(name, spec.shape().fixedSizes());
  }

  @Override
  public Tensor input(String name, long... shape) {
    TensorSpec spec = spec(model.inputs(), name);
    Tensor bound = inputs.get(name);
    if (bound != null && bound.hasShape(shape)) {
      return bound;
    }
    if (!spec.shape().accepts(shape)) {
      throw new IllegalArgumentException("The input " + spec + " does not have that shape.");
    }
    Tensor fresh = Tensor.allocate(spec.type(), shape);
    closeIfOwned(owned.put(name, fresh));
    inputs.put(name, fresh);
    return fresh;
  }

  @Override
  public void bindInput(String name, Tensor tensor) {
    spec(model.inputs(), name);
    closeIfOwned(owned.remove(name));
    inputs.put(name, tensor);
  }

  @Override
  public void bindOutput(String name, Tensor tensor) {
    spec(model.outputs(), name);
    boundOutputs.put(name, tensor);
  }

  @Override
  public void run() {
    checkOpen();
    closeOutputs();
    outputs = model.compute(inputs);
    boundOutputs.forEach(
        (name, tensor) -> {
          try (Tensor result = computed(outputs, name)) {
            tensor.copyFrom(result);
          }
        });
  }

  @Override
  public Tensor output(String name) {
    checkOpen();
    spec(model.outputs(), name);
    Tensor bound = boundOutputs.get(name);
    return bound != null ? bound : computed(outputs, name);
  }

  @Override
  public Outputs run(Map<String, Tensor> requested) {
    checkOpen();
    return model.compute(requested);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      closeOutputs();
      owned.values().forEach(Tensor::close);
      onClose.run();
    }
  }

  private void closeOutputs() {
    outputs.close();
  }

  private static void closeIfOwned(@Nullable Tensor tensor) {
    if (tensor != null) {
      tensor.close();
    }
  }

  private TensorSpec spec(List<TensorSpec> specs, String name) {
    checkOpen();
    return specs.stream()
        .filter(s -> s.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No '" + name + "' among " + specs + "."));
  }

  private static Tensor computed(Map<String, Tensor> from, String name) {
    Tensor tensor = from.get(name);
    if (tensor == null) {
      throw new InfercException(
          Stage.RUN, "Tried to read '" + name + "' before a run.", "Call run() first.");
    }
    return tensor;
  }

  private void checkOpen() {
    if (closed) {
      throw new ResourceClosedException("use a session", "the session of " + model.name());
    }
  }
}

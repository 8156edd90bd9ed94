package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.Value;
import io.inferc.runtime.ValueSpec;
import io.inferc.spi.AbortableSession;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs a native session with tensors wrapped once, when they are bound: a run itself makes nothing
 * that the raw API would not.
 */
final class OnnxRuntimeSession implements AbortableSession {
  private final String model;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final List<ValueSpec> others;
  private final Map<String, OnnxTensor> boundInputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> boundOutputs = new LinkedHashMap<>();
  private final Set<String> freeOutputs = new LinkedHashSet<>();
  private final RunOptions runOptions;
  private final NativeCopies copies;
  private final Object openLock = new Object();
  private boolean closed;
  // Immutable, because the iterator of such a set is the smallest a run can get by with.
  private Set<String> requested;
  private OrtSession.@Nullable Result result;

  OnnxRuntimeSession(
      String model,
      OrtEnvironment environment,
      OrtSession session,
      List<TensorSpec> inputs,
      List<TensorSpec> outputs,
      List<ValueSpec> others,
      NativeCopies copies,
      boolean shrinkArena) {
    this.model = model;
    this.environment = environment;
    this.session = session;
    this.inputs = inputs;
    this.outputs = outputs;
    this.others = others;
    this.copies = copies;
    outputs.forEach(o -> freeOutputs.add(o.name()));
    requested = Set.copyOf(freeOutputs);
    runOptions = options(shrinkArena);
  }

  private RunOptions options(boolean shrinkArena) {
    RunOptions options = null;
    try {
      options = new RunOptions();
      if (shrinkArena) {
        options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
      }
      return options;
    } catch (OrtException e) {
      if (options != null) {
        options.close();
      }
      throw Errors.run(model, e);
    }
  }

  @Override
  public void bindInput(int index, Tensor tensor) {
    replace(boundInputs, inputs.get(index).name(), wrap(tensor));
  }

  @Override
  public void bindOutput(int index, Tensor tensor) {
    String name = outputs.get(index).name();
    if (tensor.type() == DataType.STRING) {
      throw new IllegalArgumentException(
          "Tried to bind a tensor to the output '"
              + name
              + "', but text cannot be written in place. Leave it unbound and take it after the"
              + " run.");
    }
    replace(boundOutputs, name, wrap(tensor));
    freeOutputs.remove(name);
    requested = Set.copyOf(freeOutputs);
  }

  @Override
  public void unbindOutput(int index) {
    String name = outputs.get(index).name();
    OnnxTensor former = boundOutputs.remove(name);
    if (former != null) {
      former.close();
    }
    freeOutputs.add(name);
    requested = Set.copyOf(freeOutputs);
  }

  private static void replace(Map<String, OnnxTensor> bound, String name, OnnxTensor tensor) {
    OnnxTensor former = bound.put(name, tensor);
    if (former != null) {
      former.close();
    }
  }

  private OnnxTensor wrap(Tensor tensor) {
    try {
      if (tensor.type() == DataType.STRING) {
        return OnnxTensor.createTensor(
            environment, tensor.strings().toArray(new String[0]), tensor.shape());
      }
      return OnnxTensor.createTensor(
          environment, tensor.bytes(), tensor.shape(), Types.javaType(tensor.type()));
    } catch (OrtException e) {
      throw new InfercException(
          Stage.RUN,
          "Tried to hand "
              + tensor
              + " to ONNX Runtime, but it was refused: "
              + Errors.said(e)
              + ".",
          "Check its type and shape.",
          e);
    }
  }

  @Override
  public void run() {
    closeResult();
    try {
      result = session.run(boundInputs, requested, boundOutputs, runOptions);
    } catch (OrtException e) {
      throw Errors.run(model, e);
    }
  }

  @Override
  public void abort() {
    terminate(true);
  }

  @Override
  public void resume() {
    terminate(false);
  }

  private void terminate(boolean now) {
    synchronized (openLock) {
      if (closed) {
        return;
      }
      try {
        runOptions.setTerminate(now);
      } catch (OrtException e) {
        throw Errors.run(model, e);
      }
    }
  }

  @Override
  public Tensor takeOutput(int index) {
    TensorSpec spec = outputs.get(index);
    OrtSession.Result last = result;
    if (last == null) {
      throw new IllegalStateException("no run to take the output '" + spec.name() + "' of");
    }
    OnnxValue value =
        last.get(spec.name())
            .orElseThrow(
                () -> new IllegalStateException("the run did not return '" + spec.name() + "'"));
    try {
      return OtherValues.copy(spec.type(), (OnnxTensor) value, copies);
    } catch (OrtException e) {
      throw Errors.run(model, e);
    }
  }

  @Override
  public void makeOthers(boolean made) {
    for (ValueSpec other : others) {
      if (made) {
        freeOutputs.add(other.name());
      } else {
        freeOutputs.remove(other.name());
      }
    }
    requested = Set.copyOf(freeOutputs);
  }

  @Override
  public Value takeOther(int index) {
    String name = others.get(index).name();
    OrtSession.Result last = Objects.requireNonNull(result, "no run was made");
    try {
      return OtherValues.copy(last.get(name).orElseThrow(), copies);
    } catch (OrtException e) {
      throw Errors.run(model, e);
    }
  }

  private void closeResult() {
    OrtSession.Result last = result;
    if (last != null) {
      result = null;
      last.close();
    }
  }

  @Override
  public void close() {
    closeResult();
    boundInputs.values().forEach(OnnxTensor::close);
    boundOutputs.values().forEach(OnnxTensor::close);
    boundInputs.clear();
    boundOutputs.clear();
    synchronized (openLock) {
      closed = true;
      runOptions.close();
    }
  }
}

package io.inferc.execution.internal;

import io.inferc.runtime.Outputs;
import io.inferc.spi.BackendSession;
import io.inferc.spi.OutputShapeException;
import io.inferc.tensor.BufferPool;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.lang.ref.Reference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One run whose outputs become the caller's, on tensors that are not the session's bound ones. */
final class DetachedRun {
  private final BackendSession session;
  // Kept reachable while native code reads them.
  private final Tensor[] inputs;
  private final List<TensorSpec> outputs;
  private final OutputShapes shapes;
  // Without those whose size the run decides.
  private final Map<String, Tensor> owned = new LinkedHashMap<>();

  private DetachedRun(
      BackendSession session, Tensor[] inputs, List<TensorSpec> outputs, OutputShapes shapes) {
    this.session = session;
    this.inputs = inputs;
    this.outputs = outputs;
    this.shapes = shapes;
  }

  /** Binds inputs, and a tensor from the pool to each output of known size. */
  static DetachedRun bind(
      BackendSession session,
      Tensor[] inputs,
      List<TensorSpec> outputs,
      OutputShapes shapes,
      Map<String, Long> symbols,
      BufferPool pool) {
    for (int i = 0; i < inputs.length; i++) {
      session.bindInput(i, inputs[i]);
    }
    DetachedRun run = new DetachedRun(session, inputs, outputs, shapes);
    boolean complete = false;
    try {
      for (int i = 0; i < outputs.size(); i++) {
        run.bindOutput(i, symbols, pool);
      }
      complete = true;
      return run;
    } finally {
      if (!complete) {
        run.abandon();
      }
    }
  }

  private void bindOutput(int index, Map<String, Long> symbols, BufferPool pool) {
    TensorSpec spec = outputs.get(index);
    Optional<long[]> shape = shapes.bindable(index, symbols);
    if (shape.isPresent()) {
      Tensor tensor = pool.acquire(spec.type(), shape.get());
      owned.put(spec.name(), tensor);
      session.bindOutput(index, tensor);
    } else {
      session.unbindOutput(index);
    }
  }

  /** Runs, if need be once more without the outputs bound, whose declared shapes are then wrong. */
  void execute(Consumer<BackendSession> runner) {
    execute(runner, runner);
  }

  /** As {@link #execute(Consumer)}, where running once more is not done in the same way. */
  void execute(Consumer<BackendSession> runner, Consumer<BackendSession> again) {
    try {
      runner.accept(session);
    } catch (OutputShapeException e) {
      executeUnbound(again);
    } finally {
      Reference.reachabilityFence(inputs);
      Reference.reachabilityFence(this);
    }
  }

  private void executeUnbound(Consumer<BackendSession> runner) {
    Map<String, long[]> bound = new LinkedHashMap<>();
    owned.forEach((name, tensor) -> bound.put(name, tensor.shape()));
    abandon();
    owned.clear();
    for (int i = 0; i < outputs.size(); i++) {
      session.unbindOutput(i);
    }
    runner.accept(session);
    for (int i = 0; i < outputs.size(); i++) {
      String name = outputs.get(i).name();
      long[] expected = bound.get(name);
      if (expected != null) {
        Tensor given = session.takeOutput(i);
        owned.put(name, given);
        shapes.check(i, expected, given);
      }
    }
  }

  BackendSession session() {
    return session;
  }

  /** Takes the outputs whose size was not known before; returns all in the model's order. */
  Outputs collect() {
    Map<String, Tensor> ordered = new LinkedHashMap<>();
    for (int i = 0; i < outputs.size(); i++) {
      String name = outputs.get(i).name();
      if (!owned.containsKey(name)) {
        owned.put(name, session.takeOutput(i));
      }
      ordered.put(name, owned.get(name));
    }
    return Outputs.of(ordered);
  }

  /** Frees the outputs, which nobody will have. */
  void abandon() {
    owned.values().forEach(Tensor::close);
  }
}

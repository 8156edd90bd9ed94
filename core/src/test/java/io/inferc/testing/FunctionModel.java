package io.inferc.testing;

import io.inferc.common.ResourceClosedException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * A compiled model whose answer a Java function computes, without any runtime.
 *
 * <p>It keeps the rules of {@link CompiledModel} and {@link InferenceSession} that callers rely on:
 * outputs of the {@code Map} form are owned by the caller, a bound output lasts until the next run,
 * use after close is refused. It counts runs and open sessions. Thread-safe if the function is.
 */
public final class FunctionModel implements CompiledModel {
  private final String name;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final UnaryOperator<Map<String, Tensor>> function;
  private final AtomicInteger openSessions = new AtomicInteger();
  private final AtomicInteger sessionsOpened = new AtomicInteger();
  private final AtomicLong runs = new AtomicLong();
  private volatile boolean closed;

  private FunctionModel(Builder builder, UnaryOperator<Map<String, Tensor>> function) {
    name = builder.name;
    inputs = List.copyOf(builder.inputs);
    outputs = List.copyOf(builder.outputs);
    this.function = function;
  }

  /** Starts a model. */
  public static Builder named(String name) {
    return new Builder(name);
  }

  /** Declares inputs and outputs. */
  public static final class Builder {
    private final String name;
    private final List<TensorSpec> inputs = new ArrayList<>();
    private final List<TensorSpec> outputs = new ArrayList<>();

    private Builder(String name) {
      this.name = name;
    }

    /**
     * Declares an input; the shape is text as for {@link TensorSpec#of(String, DataType, String)}.
     */
    public Builder input(String input, DataType type, String shape) {
      inputs.add(TensorSpec.of(input, type, shape));
      return this;
    }

    /** Declares an output. */
    public Builder output(String output, DataType type, String shape) {
      outputs.add(TensorSpec.of(output, type, shape));
      return this;
    }

    /**
     * Finishes the model. The function gets open tensors that are not its own, and returns new
     * tensors, one for each output.
     */
    public FunctionModel computing(UnaryOperator<Map<String, Tensor>> function) {
      return new FunctionModel(this, function);
    }
  }

  /** Returns how many sessions are open now. */
  public int openSessions() {
    return openSessions.get();
  }

  /** Returns how many sessions were opened so far. */
  public int sessionsOpened() {
    return sessionsOpened.get();
  }

  /** Returns how often the function was called. */
  public long runs() {
    return runs.get();
  }

  /** Tells whether the model was closed. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Target.Choice target() {
    return Target.backend("function").choices().get(0);
  }

  @Override
  public String backendVersion() {
    return "1";
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
  public List<ShapeProfile> profiles() {
    return List.of();
  }

  @Override
  public InferenceSession newSession() {
    checkOpen();
    openSessions.incrementAndGet();
    sessionsOpened.incrementAndGet();
    return new FunctionSession(this, openSessions::decrementAndGet);
  }

  @Override
  public Outputs run(Map<String, Tensor> requested) {
    return compute(requested);
  }

  @Override
  public CompletableFuture<Outputs> runAsync(Map<String, Tensor> requested) {
    return CompletableFuture.completedFuture(compute(requested));
  }

  @Override
  public void save(Path folder) {
    throw new UnsupportedOperationException("A function cannot be saved.");
  }

  @Override
  public void close() {
    closed = true;
  }

  Outputs compute(Map<String, Tensor> requested) {
    checkOpen();
    for (TensorSpec input : inputs) {
      Tensor given = requested.get(input.name());
      if (given == null || given.type() != input.type() || !input.shape().accepts(given.shape())) {
        throw new IllegalArgumentException("Asked for " + input + ", found " + given + ".");
      }
    }
    runs.incrementAndGet();
    return Outputs.of(Objects.requireNonNull(function.apply(requested)));
  }

  private void checkOpen() {
    if (closed) {
      throw new ResourceClosedException("use a model", "the model " + name);
    }
  }
}

package io.inferc.calibrate;

import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.BufferPool;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Memory into which a session writes its outputs, once their shapes are known from a run on inputs
 * of the same shapes. Runtimes mostly cannot say the shapes of intermediate tensors beforehand, and
 * copy what they had to allocate themselves.
 */
final class OutputBuffers implements AutoCloseable {
  private static final int REMEMBERED = 4096;

  /** The shapes of all inputs, in order. */
  record InputShapes(List<List<Long>> sizes) {
    static InputShapes of(Map<String, Tensor> sample, List<String> inputs) {
      return new InputShapes(
          inputs.stream().map(i -> Arrays.stream(shape(sample, i)).boxed().toList()).toList());
    }

    long[] flat() {
      return sizes.stream().flatMap(List::stream).mapToLong(Long::longValue).toArray();
    }

    private static long[] shape(Map<String, Tensor> sample, String input) {
      Tensor tensor = sample.get(input);
      return tensor == null ? new long[0] : tensor.shape();
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Output(DataType type, long[] shape) {}

  private final BufferPool pool = BufferPool.builder().build();
  private final Map<InputShapes, Map<String, Output>> known = new HashMap<>();
  private final Map<String, DataType> types = new HashMap<>();
  private final ShapeRules rules = new ShapeRules();
  private final Map<String, Tensor> memory = new HashMap<>();
  private final Map<String, Tensor> shown = new LinkedHashMap<>();
  private @Nullable InputShapes bound;
  private boolean guessed;

  /** Remembers what a run returned. */
  void learn(InputShapes inputs, Map<String, Tensor> outputs) {
    boolean empty = outputs.values().stream().anyMatch(t -> t.elementCount() == 0);
    if (empty || known.size() >= REMEMBERED) {
      return;
    }
    Map<String, Output> learned = new LinkedHashMap<>();
    Map<String, long[]> shapes = new HashMap<>();
    outputs.forEach(
        (name, t) -> {
          learned.put(name, new Output(t.type(), t.shape()));
          shapes.put(name, t.shape());
          types.put(name, t.type());
        });
    known.put(inputs, learned);
    rules.learn(inputs.flat(), shapes);
  }

  /**
   * Drops what proved wrong: what is bound, and if it was concluded from other runs, all such
   * conclusions.
   *
   * @return whether it had been concluded, not seen
   */
  boolean forget() {
    bound = null;
    rules.giveUp();
    if (!guessed) {
      known.clear();
    }
    return guessed;
  }

  /**
   * Binds memory to all outputs of a session.
   *
   * @return false if the shapes are not known
   */
  boolean bind(InputShapes inputs, InferenceSession session) {
    if (inputs.equals(bound)) {
      return true;
    }
    Map<String, Output> outputs = known.get(inputs);
    guessed = outputs == null;
    if (outputs == null) {
      outputs = conclude(inputs);
    }
    if (outputs.isEmpty()) {
      return false;
    }
    bound = null;
    outputs.forEach((name, output) -> session.bindOutput(name, show(name, output)));
    bound = inputs;
    return true;
  }

  /** The outputs for shapes not met before; empty if they cannot be told. */
  private Map<String, Output> conclude(InputShapes inputs) {
    Map<String, Output> outputs = new LinkedHashMap<>();
    rules
        .predict(inputs.flat())
        .ifPresent(
            shapes ->
                shapes.forEach(
                    (name, shape) ->
                        outputs.put(
                            name, new Output(types.getOrDefault(name, DataType.FLOAT32), shape))));
    return outputs;
  }

  private Tensor show(String name, Output output) {
    Tensor former = shown.remove(name);
    if (former != null) {
      former.close();
    }
    long elements = 1;
    for (long size : output.shape()) {
      elements *= size;
    }
    long needed = output.type().byteSize(elements);
    Tensor held = memory.get(name);
    if (held == null || held.byteSize() < needed) {
      if (held != null) {
        held.close();
      }
      held = pool.acquire(DataType.UINT8, needed);
      memory.put(name, held);
    }
    Tensor tensor = Tensor.over(held.storage().borrowed(), output.type(), output.shape());
    shown.put(name, tensor);
    return tensor;
  }

  /** Returns the bound tensors by output name. */
  Map<String, Tensor> tensors() {
    return shown;
  }

  @Override
  public void close() {
    shown.values().forEach(Tensor::close);
    memory.values().forEach(Tensor::close);
    pool.close();
  }
}

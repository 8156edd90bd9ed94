package io.inferc.runtime;

import io.inferc.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a model returns: a tensor, or what some models have beside tensors.
 *
 * <p>It owns the tensors in it, all of them are closed with it.
 *
 * <pre>{@code
 * if (outputs.value("boxes") instanceof Value.Sequence boxes) {
 *   for (Value box : boxes.elements()) {
 *     consume(((Value.Single) box).tensor());
 *   }
 * }
 * }</pre>
 */
public sealed interface Value extends AutoCloseable {
  /**
   * One tensor.
   *
   * @param tensor the tensor
   */
  record Single(Tensor tensor) implements Value {
    public Single {
      Objects.requireNonNull(tensor, "tensor");
    }

    @Override
    public void close() {
      tensor.close();
    }
  }

  /**
   * Values in order, of one kind.
   *
   * @param elements the values; may be empty
   */
  record Sequence(List<Value> elements) implements Value {
    public Sequence {
      Objects.requireNonNull(elements, "elements");
      elements = List.copyOf(elements);
    }

    @Override
    public void close() {
      elements.forEach(Value::close);
    }
  }

  /**
   * Single values by key, such as probabilities by class.
   *
   * @param entries keys of {@link Long} or {@link String}, values of {@link Float}, {@link Double},
   *     {@link Long} or {@link String}
   */
  record Dictionary(Map<Object, Object> entries) implements Value {
    public Dictionary {
      Objects.requireNonNull(entries, "entries");
      entries = Map.copyOf(entries);
    }

    @Override
    public void close() {
      // There is no native memory in it.
    }
  }

  @Override
  void close();
}

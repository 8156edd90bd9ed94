package io.inferc.tensor;

import java.util.Objects;

/**
 * What a model declares of one of its tensors: name, element type and shape.
 *
 * @param name the tensor's name in the model
 * @param type the element type
 * @param shape the declared shape
 */
public record TensorSpec(String name, DataType type, TensorShape shape) {
  public TensorSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(shape, "shape");
  }

  /**
   * Returns a specification with a shape of fixed sizes.
   *
   * @param name the tensor's name
   * @param type the element type
   * @param sizes the sizes, outermost first
   * @return the specification
   */
  public static TensorSpec of(String name, DataType type, long... sizes) {
    Objects.requireNonNull(sizes, "sizes");
    return new TensorSpec(name, type, TensorShape.of(sizes));
  }

  /**
   * Returns a specification whose shape is read from text as by {@link TensorShape#parse}.
   *
   * @param name the tensor's name
   * @param type the element type
   * @param shape for example {@code "batch_size, 128"}
   * @return the specification
   */
  public static TensorSpec of(String name, DataType type, String shape) {
    Objects.requireNonNull(shape, "shape");
    return new TensorSpec(name, type, TensorShape.parse(shape));
  }

  /** Returns text such as {@code input_ids: INT64[batch_size, sequence_length]}. */
  @Override
  public String toString() {
    return name + ": " + type + shape;
  }
}

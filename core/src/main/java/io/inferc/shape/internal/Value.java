package io.inferc.shape.internal;

import io.inferc.onnx.Initializer;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of the elements of a small tensor.
 *
 * @param type their type: an integer type, BOOL, or a floating-point type
 * @param shape the sizes
 * @param elements in row-major order
 */
record Value(DataType type, List<Integer> shape, List<Scalar> elements) {
  /** More elements are followed nowhere. */
  static final int MOST = 256;

  Value {
    shape = List.copyOf(shape);
    elements = List.copyOf(elements);
  }

  static Value vector(DataType type, List<Scalar> elements) {
    return new Value(type, List.of(elements.size()), elements);
  }

  static Value sizes(List<Size> sizes) {
    return vector(DataType.INT64, sizes.stream().map(s -> (Scalar) new Scalar.Whole(s)).toList());
  }

  static Value scalar(DataType type, Scalar element) {
    return new Value(type, List.of(), List.of(element));
  }

  /** The value of a constant, if it is small and of a type that sizes are computed in. */
  static Optional<Value> of(Initializer constant) {
    DataType type = constant.type();
    if (constant.elementCount() > MOST || !Arithmetic.follows(type)) {
      return Optional.empty();
    }
    List<Integer> shape = new ArrayList<>();
    for (long size : constant.dims()) {
      shape.add((int) size);
    }
    List<Scalar> elements = new ArrayList<>();
    if (type.isFloatingPoint()) {
      for (double d : constant.doubles()) {
        elements.add(Arithmetic.constant(type, d));
      }
    } else {
      for (long v : constant.longs()) {
        elements.add(Scalar.of(v));
      }
    }
    return Optional.of(new Value(type, shape, elements));
  }

  List<Size> dimensions() {
    return shape.stream().map(s -> Size.of(s)).toList();
  }

  /** The elements as integers; what is none ends the rule. */
  List<Size> wholes() {
    List<Size> sizes = new ArrayList<>();
    for (Scalar s : elements) {
      if (!(s instanceof Scalar.Whole whole)) {
        throw new Unproved();
      }
      sizes.add(whole.size());
    }
    return sizes;
  }

  /** The elements as numbers; what is none ends the rule. */
  long[] numbers() {
    return wholes().stream().mapToLong(Size::number).toArray();
  }

  Value reshaped(List<Integer> other) {
    return new Value(type, other, elements);
  }
}

package io.inferc.shape.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is proved of one tensor.
 *
 * @param shape its sizes, or null if not even the rank is known
 * @param value its elements, or null if they are not followed
 */
record Facts(@Nullable List<Size> shape, @Nullable Value value) {
  static final Facts NONE = new Facts(null, null);

  Facts {
    shape = shape == null ? null : List.copyOf(shape);
  }

  /** How much memory this takes, as a number of simple sizes. */
  long weight() {
    long all = 0;
    for (Size size : shape == null ? List.<Size>of() : shape) {
      all += size.weight();
    }
    for (Scalar element : value == null ? List.<Scalar>of() : value.elements()) {
      all += element.weight();
    }
    return all;
  }

  static Facts of(List<Size> shape) {
    return new Facts(shape, null);
  }

  static Facts of(Value value) {
    return new Facts(value.dimensions(), value);
  }
}

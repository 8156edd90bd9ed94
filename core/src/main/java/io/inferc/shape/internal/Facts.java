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

  static Facts of(List<Size> shape) {
    return new Facts(shape, null);
  }

  static Facts of(Value value) {
    return new Facts(value.dimensions(), value);
  }
}

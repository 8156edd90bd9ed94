package io.inferc.tensor;

import java.util.Arrays;

/** Checks of run-time shapes. */
final class Shapes {
  private Shapes() {}

  static long elementCount(long[] shape) {
    boolean empty = false;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException(
            "Tried to make a tensor of shape "
                + Arrays.toString(shape)
                + ", but a size must be 0 or more.");
      }
      empty |= size == 0;
    }
    if (empty) {
      return 0;
    }
    long count = 1;
    for (long size : shape) {
      try {
        count = Math.multiplyExact(count, size);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "Tried to make a tensor of shape "
                + Arrays.toString(shape)
                + ", but it has more than 2^63 elements.",
            e);
      }
    }
    return count;
  }
}

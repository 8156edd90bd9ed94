package io.inferc.backend.migraphx;

import com.sun.jna.Pointer;
import io.inferc.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Copies outputs that do not lie densely in row-major order, as those of a Transpose may. */
final class StridedCopy {
  private StridedCopy() {}

  /**
   * Copies an output.
   *
   * @param shape its shape, with fixed sizes
   * @param source where it begins
   * @param target a tensor of the same type and element count
   */
  static void copy(NativeShape shape, long source, Tensor target) {
    ByteBuffer from = new Pointer(source).getByteBuffer(0, shape.bytes());
    gather(shape, from, target.bytes());
  }

  /** Gathers the elements in row-major order. */
  static void gather(NativeShape shape, ByteBuffer from, ByteBuffer to) {
    long count = shape.elementCount();
    int width = Objects.requireNonNull(shape.type()).bitWidth() / 8;
    if (to.remaining() != count * width) {
      throw new IllegalArgumentException(
          "a tensor of " + to.remaining() + " bytes for the output " + shape);
    }
    if (shape.standard() && from.remaining() == to.remaining()) {
      to.put(to.position(), from, from.position(), from.remaining());
      return;
    }
    long[] lengths = shape.lengths();
    long[] strides = shape.strides();
    long[] at = new long[lengths.length];
    long offset = 0;
    for (long i = 0; i < count; i++) {
      to.put(Math.toIntExact(i * width), from, Math.toIntExact(offset * width), width);
      for (int axis = lengths.length - 1; axis >= 0; axis--) {
        at[axis]++;
        offset += strides[axis];
        if (at[axis] < lengths[axis]) {
          break;
        }
        offset -= strides[axis] * lengths[axis];
        at[axis] = 0;
      }
    }
  }
}

package io.inferc.backend.openvino;

import io.inferc.onnx.Node;
import io.inferc.spi.OperatorUse;
import io.inferc.tensor.Dimension;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The windows of a pooling, whose number is rounded up, along all axes. */
final class Windows {
  private final OperatorUse use;
  private final long[] kernel;
  private final long[] strides;
  private final long[] pads;
  private final long[] dilations;

  private Windows(OperatorUse use) {
    this.use = use;
    Node node = use.node();
    kernel = FaultyNodes.ints(node, "kernel_shape");
    strides = orElse(FaultyNodes.ints(node, "strides"), kernel.length, 1);
    Arrays.setAll(strides, i -> Math.max(1, strides[i]));
    pads = orElse(FaultyNodes.ints(node, "pads"), 2 * kernel.length, 0);
    dilations = orElse(FaultyNodes.ints(node, "dilations"), kernel.length, 1);
  }

  static Windows of(OperatorUse use) {
    return new Windows(use);
  }

  private static long[] orElse(long[] given, int length, long value) {
    if (given.length == length) {
      return given;
    }
    long[] values = new long[length];
    Arrays.fill(values, value);
    return values;
  }

  private long reach(int axis) {
    return (kernel[axis] - 1) * dilations[axis] + 1;
  }

  /** The size of an axis that is padded; empty if it is not known. */
  private Optional<Long> padded(int axis) {
    return size(axis).map(size -> size + pads[axis] + pads[axis + kernel.length]);
  }

  private Optional<Long> size(int axis) {
    return use.dimensions(0)
        .filter(d -> d.size() == kernel.length + 2)
        .map((List<Dimension> d) -> d.get(axis + 2))
        .filter(Dimension::isFixed)
        .map(d -> d.size().orElseThrow());
  }

  /** Tells whether all windows are known to end where the padding does, or before. */
  boolean areWhole() {
    for (int i = 0; i < kernel.length; i++) {
      int axis = i;
      boolean whole =
          strides[i] == 1
              || padded(i).filter(p -> (p - reach(axis)) % strides[axis] == 0).isPresent();
      if (!whole) {
        return false;
      }
    }
    return true;
  }

  /** Tells whether all windows are known to begin in the input or in front of it. */
  boolean beginInside() {
    for (int i = 0; i < kernel.length; i++) {
      if (pads[i + kernel.length] + strides[i] > reach(i) && !lastBeginsInside(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean lastBeginsInside(int axis) {
    Optional<Long> size = size(axis);
    if (size.isEmpty()) {
      return false;
    }
    long rest = size.get() + pads[axis] + pads[axis + kernel.length] - reach(axis);
    long last = Math.floorDiv(rest + strides[axis] - 1, strides[axis]) * strides[axis];
    return last < size.get() + pads[axis];
  }
}

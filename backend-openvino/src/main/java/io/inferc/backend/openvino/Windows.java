package io.inferc.backend.openvino;

import io.inferc.onnx.Node;
import io.inferc.spi.OperatorUse;
import io.inferc.tensor.Dimension;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The windows of a pooling, whose number is rounded up, along all axes. */
record Windows(OperatorUse use, long[] kernel, long[] strides, long[] pads, long[] dilations) {
  static Windows of(OperatorUse use) {
    Node node = use.node();
    long[] kernel = FaultyNodes.ints(node, "kernel_shape");
    int axes = kernel.length;
    return new Windows(
        use,
        kernel,
        orElse(FaultyNodes.ints(node, "strides"), axes, 1),
        orElse(FaultyNodes.ints(node, "pads"), 2 * axes, 0),
        orElse(FaultyNodes.ints(node, "dilations"), axes, 1));
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

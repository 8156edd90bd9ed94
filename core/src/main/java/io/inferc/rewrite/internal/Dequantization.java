package io.inferc.rewrite.internal;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Computes DequantizeLinear on constants: with one scale, one for each index of an axis, or one for
 * each block along an axis.
 */
public final class Dequantization {
  private final long[] values;
  private final float[] scales;
  private final long[] zeros;
  private final long[] dims;
  private final int axis;
  private final long block;

  private Dequantization(
      Initializer data, Initializer scale, @Nullable Initializer zero, int axis, long block) {
    this.values = data.longs();
    this.scales = scale.floats();
    this.zeros = zero == null ? new long[0] : zero.longs();
    this.dims = data.dims();
    this.axis = axis;
    this.block = block;
  }

  /**
   * Returns the result, whose values are worked out when they are read.
   *
   * @param scale of FLOAT32 or FLOAT16, which is the type of the result too
   * @return empty for types and shapes that the operator does not have
   */
  public static Optional<Initializer> of(
      Node node, Initializer data, Initializer scale, @Nullable Initializer zero) {
    boolean half = scale.type() == DataType.FLOAT16;
    long block = node.intAttribute("block_size", 0);
    long[] dims = data.dims();
    long axis = node.intAttribute("axis", 1);
    int at = (int) (axis < 0 ? axis + dims.length : axis);
    boolean whole = data.type().isInteger() && data.type() != DataType.BOOL;
    if (!whole
        || (scale.type() != DataType.FLOAT32 && !half)
        || !fits(dims, scale.dims(), at, block)
        || (zero != null && zero.elementCount() != scale.elementCount())) {
      return Optional.empty();
    }
    DataType type = half ? DataType.FLOAT16 : DataType.FLOAT32;
    return Optional.of(
        Initializer.computed(
            "",
            type,
            () -> {
              float[] floats = new Dequantization(data, scale, zero, at, block).compute();
              return Initializer.floats("", type, floats, dims);
            },
            dims));
  }

  private static boolean fits(long[] dims, long[] scale, int axis, long block) {
    if (scale.length == 0 || (scale.length == 1 && scale[0] == 1 && block == 0)) {
      return true;
    }
    if (axis < 0 || axis >= dims.length) {
      return false;
    }
    if (block == 0) {
      return scale.length == 1 && scale[0] == dims[axis];
    }
    boolean same = scale.length == dims.length;
    for (int i = 0; same && i < dims.length; i++) {
      same = scale[i] == (i == axis ? (dims[i] + block - 1) / block : dims[i]);
    }
    return same;
  }

  private float[] compute() {
    float[] result = new float[values.length];
    long inner = 1;
    for (int i = axis + 1; i < dims.length; i++) {
      inner *= dims[i];
    }
    for (int i = 0; i < result.length; i++) {
      int s = scaleOf(i, inner);
      result[i] = (values[i] - (zeros.length == 0 ? 0 : zeros[s])) * scales[s];
    }
    return result;
  }

  private int scaleOf(int element, long inner) {
    if (scales.length == 1) {
      return 0;
    }
    long index = element / inner % dims[axis];
    if (block == 0) {
      return (int) index;
    }
    long blocks = (dims[axis] + block - 1) / block;
    long outer = element / inner / dims[axis];
    return (int) ((outer * blocks + index / block) * inner + element % inner);
  }
}

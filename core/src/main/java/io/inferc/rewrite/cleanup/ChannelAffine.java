package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.tensor.DataType;
import org.jspecify.annotations.Nullable;

/**
 * What a node with one constant does to its other input, for each channel: multiply by a factor or
 * add a summand.
 */
final class ChannelAffine {
  private final double[] values;
  private final boolean scales;
  private final int rank;

  private ChannelAffine(double[] values, boolean scales, int rank) {
    this.values = values;
    this.scales = scales;
    this.rank = rank;
  }

  double scale(int channel) {
    return scales ? values[values.length == 1 ? 0 : channel] : 1;
  }

  double shift(int channel) {
    return scales ? 0 : values[values.length == 1 ? 0 : channel];
  }

  /** How many dimensions the constant has. */
  int rank() {
    return rank;
  }

  /**
   * Looks at a node.
   *
   * @param x the input that is not the constant
   * @param channels how many channels the constant may have an element for each of
   * @param rank the number of dimensions of the result, in which channels are the second
   * @return what it does, or null if it is something else
   */
  static @Nullable ChannelAffine of(GraphView view, Node node, String x, int channels, int rank) {
    if (!node.domain().isEmpty() || node.inputs().size() != 2) {
      return null;
    }
    boolean first = node.inputs().get(0).equals(x);
    String other = node.inputs().get(first ? 1 : 0);
    Initializer constant =
        view.constant(other).filter(c -> c.type() == DataType.FLOAT32).orElse(null);
    if (other.equals(x) || constant == null || !fits(constant, channels, rank)) {
      return null;
    }
    double[] values = constant.doubles();
    return switch (node.opType()) {
      case "Mul" -> finite(constant, values, true);
      case "Add" -> finite(constant, values, false);
      case "Sub" -> first ? finite(constant, map(values, v -> -v), false) : null;
      case "Div" -> first ? finite(constant, map(values, v -> 1 / v), true) : null;
      default -> null;
    };
  }

  private static @Nullable ChannelAffine finite(
      Initializer constant, double[] values, boolean scales) {
    for (double v : values) {
      if (!Double.isFinite(v)) {
        return null;
      }
    }
    return new ChannelAffine(values, scales, constant.dims().length);
  }

  private interface DoubleMap {
    double apply(double value);
  }

  private static double[] map(double[] values, DoubleMap f) {
    double[] mapped = new double[values.length];
    for (int i = 0; i < mapped.length; i++) {
      mapped[i] = f.apply(values[i]);
    }
    return mapped;
  }

  /** One element, or one for each channel in the place of the channels; never of higher rank. */
  private static boolean fits(Initializer constant, int channels, int rank) {
    long[] dims = constant.dims();
    if (dims.length > rank) {
      return false;
    }
    if (constant.elementCount() == 1) {
      return true;
    }
    int channelAxis = dims.length - (rank - 1);
    return channels > 1
        && constant.elementCount() == channels
        && channelAxis >= 0
        && channelAxis < dims.length
        && dims[channelAxis] == channels;
  }
}

package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotFoldException;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.tensor.DataType;

/** What batch normalization does to each channel: {@code y = (x - mean) factor + offset}. */
final class ChannelScale {
  private final double[] factor;
  private final double[] mean;
  private final double[] offset;

  private ChannelScale(double[] factor, double[] mean, double[] offset) {
    this.factor = factor;
    this.mean = mean;
    this.offset = offset;
  }

  static ChannelScale of(Node norm, GraphView view) {
    double[] scale = constant(norm, 1, view);
    double[] offset = constant(norm, 2, view);
    double[] mean = constant(norm, 3, view);
    double[] variance = constant(norm, 4, view);
    float epsilon = norm.attribute("epsilon").map(Attribute::asFloat).orElse(1e-5f);
    double[] factor = new double[scale.length];
    for (int i = 0; i < factor.length; i++) {
      factor[i] = scale[i] / Math.sqrt(variance[i] + epsilon);
    }
    return new ChannelScale(factor, mean, offset);
  }

  private static double[] constant(Node norm, int input, GraphView view) {
    return view.constant(norm, input)
        .filter(c -> c.type() == DataType.FLOAT32)
        .map(Initializer::doubles)
        .orElseThrow(() -> new CannotFoldException("its parameters are not FLOAT32 constants."));
  }

  int channels() {
    return factor.length;
  }

  double factor(int channel) {
    return factor[channel];
  }

  double apply(double value, int channel) {
    return (value - mean[channel]) * factor[channel] + offset[channel];
  }
}

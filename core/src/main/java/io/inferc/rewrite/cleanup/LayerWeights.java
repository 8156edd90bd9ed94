package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotFoldException;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.Strides;
import io.inferc.tensor.DataType;
import java.util.Optional;

/** The weights and bias of a layer, by the channel of its output that each belongs to. */
final class LayerWeights {
  private final Initializer weight;
  private final double[] bias;
  // The axis of the weight that runs over channels: over those of one group if there are groups.
  private final int axis;
  private final int group;

  private LayerWeights(Initializer weight, double[] bias, int axis, int group) {
    this.weight = weight;
    this.bias = bias;
    this.axis = axis;
    this.group = group;
  }

  static LayerWeights of(Node layer, GraphView view) {
    Initializer weight =
        view.constant(layer, 1)
            .filter(w -> w.type() == DataType.FLOAT32)
            .orElseThrow(
                () ->
                    new CannotFoldException(
                        "the weights of '"
                            + GraphScope.label(layer)
                            + "' are not a constant of FLOAT32."));
    int axis =
        switch (layer.opType()) {
          case "Conv" -> 0;
          case "ConvTranspose" -> 1;
          default -> layer.intAttribute("transB", 0) != 0 ? 0 : 1;
        };
    if (weight.dims().length < 2) {
      throw new CannotFoldException(
          "the weights of '" + GraphScope.label(layer) + "' are no matrix or kernel.");
    }
    boolean transposed = layer.opType().equals("ConvTranspose");
    int group = transposed ? (int) layer.intAttribute("group", 1) : 1;
    int channels = (int) weight.dims()[axis] * group;
    return new LayerWeights(weight, bias(layer, channels, view), axis, group);
  }

  private static double[] bias(Node layer, int channels, GraphView view) {
    double[] bias = new double[channels];
    if (layer.input(2).isEmpty()) {
      return bias;
    }
    Optional<Initializer> constant =
        view.constant(layer, 2).filter(b -> b.type() == DataType.FLOAT32);
    long[] dims = constant.map(Initializer::dims).orElse(new long[0]);
    boolean one = constant.isPresent() && constant.get().elementCount() == 1;
    boolean row =
        dims.length > 0
            && dims[dims.length - 1] == channels
            && constant.map(Initializer::elementCount).orElse(0L) == channels;
    if (constant.isEmpty() || !(one || row)) {
      throw new CannotFoldException(
          "the bias of '" + GraphScope.label(layer) + "' is not one constant for each channel.");
    }
    double[] values = constant.get().doubles();
    float beta = layer.attribute("beta").map(Attribute::asFloat).orElse(1f);
    for (int i = 0; i < channels; i++) {
      bias[i] = values[one ? 0 : i] * beta;
    }
    return bias;
  }

  void requireChannels(int channels) {
    if (channels != bias.length) {
      throw new CannotFoldException(
          "it has " + channels + " channels, but the layer before it has " + bias.length + ".");
    }
  }

  /** The weights with each channel multiplied. */
  Initializer scaled(ChannelScale scale, String name) {
    long[] dims = weight.dims();
    float[] values = weight.floats();
    int inner = Math.toIntExact(Strides.of(dims)[axis]);
    int perGroup = (int) dims[axis];
    int inputsPerGroup = (int) (dims[0] / group);
    for (int i = 0; i < values.length; i++) {
      int channel = i / inner % perGroup;
      if (group > 1) {
        int input = i / (inner * perGroup);
        channel += input / inputsPerGroup * perGroup;
      }
      values[i] = finite(values[i] * scale.factor(channel));
    }
    return Initializer.floats(name, values, dims);
  }

  /** The bias after normalization. */
  Initializer shifted(ChannelScale scale, String name) {
    float[] values = new float[bias.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = finite(scale.apply(bias[i], i));
    }
    return Initializer.floats(name, values, values.length);
  }

  /** Rounds a number, which must stay one. */
  private static float finite(double value) {
    float rounded = (float) value;
    if (!Float.isFinite(rounded)) {
      throw new CannotFoldException("the folded weights would not be finite.");
    }
    return rounded;
  }
}

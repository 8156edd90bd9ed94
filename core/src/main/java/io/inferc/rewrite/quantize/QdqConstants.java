package io.inferc.rewrite.quantize;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.spi.QuantizationDialect;
import io.inferc.spi.QuantizationDialect.FanOutRule;
import io.inferc.tensor.DataType;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes weights and biases as integers with a DequantizeLinear; each constant once. */
final class QdqConstants {
  // Half of what INT32 holds is left to the sum of products that the bias is added to.
  private static final double LARGEST_BIAS = 1L << 30;

  /** The dequantized weights and bias of a layer. */
  record Pair(String weights, @Nullable String bias) {}

  /** A quantized constant in the graph. */
  private static final class Quantized {
    final String values;
    final String scale;
    final String zero;
    final int axis;
    @Nullable String dequantized;

    Quantized(String values, String scale, String zero, int axis) {
      this.values = values;
      this.scale = scale;
      this.zero = zero;
      this.axis = axis;
    }
  }

  private final GraphEditor editor;
  private final QuantizationDialect dialect;
  private final Map<List<Object>, Quantized> known = new HashMap<>();

  QdqConstants(GraphEditor editor, QuantizationDialect dialect) {
    this.editor = editor;
    this.dialect = dialect;
  }

  /**
   * Writes the constants of a layer.
   *
   * @param axis the axis of the channels, or -1 for one scale
   * @param bias to be written as INT32, or null
   * @param inputScale the scale of the layer's input
   * @param reader the layer
   */
  Pair layer(
      Initializer weights, int axis, @Nullable Initializer bias, float inputScale, Node reader) {
    float[] scales = QuantizedWeights.scales(weights, axis, dialect.reducedWeightRange());
    float[] biases = bias == null ? new float[0] : bias.floats();
    for (int c = 0; c < biases.length; c++) {
      int i = scales.length == 1 ? 0 : c;
      double step = Math.abs(biases[c]) / LARGEST_BIAS;
      if ((double) inputScale * scales[i] < step) {
        scales[i] = (float) (step / inputScale);
      }
      if (!Float.isFinite(scales[i]) || scales[i] * inputScale == 0) {
        throw new CannotQuantizeException("its bias is too large for its weights.");
      }
    }
    Quantized w =
        known.computeIfAbsent(
            List.of(weights.name(), axis, FloatBuffer.wrap(scales.clone())),
            key -> weights(weights, axis, scales));
    String read = read(w, weights.name(), reader);
    if (bias == null) {
      return new Pair(read, null);
    }
    Quantized b = bias(bias, biases, scales, inputScale);
    return new Pair(read, read(b, bias.name(), reader));
  }

  private Quantized weights(Initializer weights, int axis, float[] scales) {
    QuantizedWeights quantized =
        QuantizedWeights.of(weights, axis, dialect.reducedWeightRange(), scales);
    Quantized w = names(weights.name(), axis);
    editor
        .putInitializer(quantized.constant(w.values))
        .putInitializer(quantized.scaleConstant(w.scale))
        .putInitializer(quantized.zeroConstant(w.zero));
    return w;
  }

  private Quantized bias(Initializer bias, float[] values, float[] weightScales, float inputScale) {
    float[] scales = new float[values.length];
    long[] integers = new long[values.length];
    for (int c = 0; c < scales.length; c++) {
      scales[c] = inputScale * weightScales[weightScales.length == 1 ? 0 : c];
      integers[c] = (long) Math.rint((double) values[c] / scales[c]);
    }
    return known.computeIfAbsent(
        List.of(bias.name(), "bias", FloatBuffer.wrap(scales), LongBuffer.wrap(integers)),
        key -> {
          Quantized b = names(bias.name(), 0);
          editor
              .putInitializer(
                  Initializer.longs(b.values, DataType.INT32, integers, integers.length))
              .putInitializer(Initializer.floats(b.scale, scales, scales.length))
              .putInitializer(
                  Initializer.longs(
                      b.zero, DataType.INT32, new long[scales.length], scales.length));
          return b;
        });
  }

  private Quantized names(String constant, int axis) {
    return new Quantized(
        editor.freshName(constant + "_quantized"),
        editor.freshName(constant + "_scale"),
        editor.freshName(constant + "_zero_point"),
        axis);
  }

  /** Dequantizes a constant for a reader. */
  private String read(Quantized constant, String name, Node reader) {
    if (constant.dequantized != null && dialect.fanOutRule() == FanOutRule.SHARED_PAIR) {
      return constant.dequantized;
    }
    String output = editor.freshName(name + "_dequantized");
    Node.Builder node =
        Node.builder("DequantizeLinear")
            .name(editor.freshName(name + "_dequantize"))
            .inputs(constant.values, constant.scale, constant.zero)
            .outputs(output);
    if (constant.axis >= 0) {
      node.attribute(Attribute.of("axis", constant.axis));
    }
    editor.insertBefore(editor.current(reader).orElseThrow(), node.build());
    constant.dequantized = output;
    return output;
  }
}

package io.inferc.rewrite.quantize;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.rewrite.internal.ConstantContent;
import io.inferc.rewrite.internal.TensorMoves;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The INT8 weights of layers with dynamic scales, and tables. All are constants of the main graph,
 * where every graph sees them: weights that several bodies read, or that are the same in several,
 * are there once.
 */
final class DynamicWeights {
  /** The tensors of one weight. */
  record Tensors(String values, String scale, String zero) {}

  private final GraphEditor main;
  private final boolean reduced;
  private final boolean perChannel;
  private final Map<List<Object>, Tensors> known = new HashMap<>();

  DynamicWeights(GraphEditor main, QuantizationDialect dialect) {
    this.main = main;
    this.reduced = dialect.reducedWeightRange();
    this.perChannel = dialect.perChannelWeights();
  }

  /** Makes constants for tables alone, which have a scale a row in all dialects. */
  DynamicWeights(GraphEditor main) {
    this.main = main;
    reduced = false;
    perChannel = true;
  }

  /** Makes up a name that no tensor or node of the whole model has. */
  String freshName(String hint) {
    return main.freshName(hint);
  }

  /** Returns a matrix of MatMulInteger; its scales are multiplied by a number. */
  Tensors matrix(Initializer constant, boolean transposed, float alpha) {
    return once(
        List.of("matrix", new ConstantContent(constant), transposed, alpha),
        () -> {
          Initializer matrix = transposed ? TensorMoves.transpose(constant, 1, 0) : constant;
          QuantizedWeights quantized = QuantizedWeights.of(matrix, perChannel ? 1 : -1, reduced);
          float[] scales = quantized.scales();
          for (int i = 0; i < scales.length; i++) {
            scales[i] *= alpha;
          }
          Tensors t = names(constant.name());
          main.putInitializer(quantized.constant(t.values))
              .putInitializer(
                  perChannel
                      ? Initializer.floats(t.scale, scales, scales.length)
                      : Initializer.floats(t.scale, scales))
              .putInitializer(quantized.zeroConstant(t.zero));
          return t;
        });
  }

  /** Weights of a convolution. ConvInteger takes one zero point, and runtimes take UINT8 alone. */
  Tensors kernel(Initializer constant) {
    return once(
        List.of("kernel", new ConstantContent(constant)),
        () -> {
          QuantizedWeights quantized = QuantizedWeights.of(constant, perChannel ? 0 : -1, reduced);
          float[] scales = quantized.scales();
          Tensors t = names(constant.name());
          main.putInitializer(quantized.shifted(t.values))
              .putInitializer(
                  perChannel
                      ? Initializer.floats(t.scale, scales, channelDims(constant.dims()))
                      : Initializer.floats(t.scale, scales))
              .putInitializer(Initializer.longs(t.zero, DataType.UINT8, new long[] {128}));
          return t;
        });
  }

  /**
   * Weights of DynamicQuantizeLSTM.
   *
   * @param constant {@code [directions, 4 * hidden, inputs]}; written with the last two exchanged
   */
  Tensors recurrent(Initializer constant) {
    return once(
        List.of("recurrent", new ConstantContent(constant)),
        () -> {
          long[] dims = constant.dims();
          Initializer rows =
              perChannel
                  ? constant.withDims(dims[0] * dims[1], dims[2])
                  : constant.withDims(dims[0], dims[1] * dims[2]);
          QuantizedWeights quantized = QuantizedWeights.of(rows, 0, reduced);
          long[] scales = perChannel ? new long[] {dims[0], dims[1]} : new long[] {dims[0]};
          Tensors t = names(constant.name());
          Initializer values = quantized.constant(t.values).withDims(dims);
          main.putInitializer(TensorMoves.transpose(values, 0, 2, 1).withName(t.values))
              .putInitializer(quantized.scaleConstant(t.scale).withDims(scales))
              .putInitializer(quantized.zeroConstant(t.zero).withDims(scales));
          return t;
        });
  }

  /** Rows of a table, each with a scale of its own, whose shape broadcasts over the row. */
  Tensors table(Initializer constant) {
    return once(
        List.of("table", new ConstantContent(constant)),
        () -> {
          // No product is added up, so the whole range is free whatever the processor.
          QuantizedWeights quantized = QuantizedWeights.of(constant, 0, false);
          long[] scales = constant.dims();
          Arrays.fill(scales, 1, scales.length, 1);
          Tensors t = names(constant.name());
          main.putInitializer(quantized.constant(t.values))
              .putInitializer(quantized.scaleConstant(t.scale).withDims(scales));
          return t;
        });
  }

  private Tensors once(List<Object> key, Supplier<Tensors> write) {
    Tensors there = known.get(key);
    if (there == null) {
      there = write.get();
      known.put(key, there);
    }
    return there;
  }

  private Tensors names(String weights) {
    return new Tensors(
        freshName(weights + "_quantized"),
        freshName(weights + "_scale"),
        freshName(weights + "_zero_point"));
  }

  /** The shape at which one value a channel broadcasts over a convolution's result. */
  static long[] channelDims(long[] kernel) {
    long[] dims = new long[kernel.length - 1];
    Arrays.fill(dims, 1);
    dims[0] = kernel[0];
    return dims;
  }
}

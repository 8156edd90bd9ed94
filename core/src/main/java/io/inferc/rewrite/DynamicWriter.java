package io.inferc.rewrite;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes matrix products with dynamic scales into a graph. */
final class DynamicWriter {
  /** An activation as DynamicQuantizeLinear makes it. */
  private record Activation(String values, String scale, String zero) {}

  /** Weights in the graph. */
  private record Weights(String values, String scale, String zero) {}

  private final GraphEditor editor;
  private final boolean reduced;
  private final boolean perChannel;
  private final Map<String, Activation> activations = new HashMap<>();
  private final Map<List<Object>, Weights> weights = new HashMap<>();
  private final List<String> replaced = new ArrayList<>();

  DynamicWriter(GraphEditor editor, boolean reduced, boolean perChannel) {
    this.editor = editor;
    this.reduced = reduced;
    this.perChannel = perChannel;
  }

  void write(MatrixLayer layer) {
    Initializer constant = layer.weights();
    if (constant == null) {
      throw new CannotQuantizeException("its weights are not constant.");
    }
    switch (layer.node().opType()) {
      case "MatMul" -> product(layer.node(), matrix(constant, false, 1), null);
      case "Gemm" -> gemm(layer, constant);
      case "Conv" -> convolution(layer, constant);
      default ->
          throw new CannotQuantizeException(
              "there is no integer operator for " + layer.node().opType() + ".");
    }
    replaced.add(constant.name());
  }

  private void gemm(MatrixLayer layer, Initializer constant) {
    Node node = layer.node();
    if (node.intAttribute("transA", 0) != 0) {
      throw new CannotQuantizeException("its input is transposed.");
    }
    Weights w = matrix(constant, layer.axis() == 0, Preparation.number(node, "alpha", 1));
    float beta = Preparation.number(node, "beta", 1);
    String bias = node.input(2).orElse(null);
    if (bias != null && beta != 1) {
      Initializer values = layer.bias();
      if (values == null) {
        throw new CannotQuantizeException("its bias is scaled and not constant.");
      }
      float[] scaled = values.floats();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= beta;
      }
      replaced.add(bias);
      bias = editor.freshName(bias + "_scaled");
      editor.putInitializer(Initializer.floats(bias, scaled, values.dims()));
    }
    product(node, w, bias);
  }

  private void product(Node node, Weights w, @Nullable String bias) {
    Activation x = activation(node);
    Node integer =
        Node.builder("MatMulInteger")
            .name(node.name())
            .inputs(x.values, w.values, x.zero, w.zero)
            .outputs(editor.freshName(node.outputs().get(0) + "_integer"))
            .build();
    replace(node, integer, x, w, bias);
  }

  private void convolution(MatrixLayer layer, Initializer constant) {
    Node node = layer.node();
    String bias = node.input(2).orElse(null);
    if (bias != null && layer.hasOddBias()) {
      throw new CannotQuantizeException("its bias is not one constant for each channel.");
    }
    Weights w = kernel(constant);
    Activation x = activation(node);
    Node integer =
        node.toBuilder()
            .opType("ConvInteger")
            .inputs(x.values, w.values, x.zero, w.zero)
            .outputs(editor.freshName(node.outputs().get(0) + "_integer"))
            .build();
    String addend = null;
    if (bias != null && layer.bias() != null) {
      replaced.add(bias);
      addend = editor.freshName(bias + "_channels");
      editor.putInitializer(
          Initializer.floats(addend, layer.bias().floats(), channelDims(constant.dims())));
    }
    replace(node, integer, x, w, addend);
  }

  /** Puts the integer node and what turns its result into numbers in the place of a node. */
  private void replace(Node node, Node integer, Activation x, Weights w, @Nullable String bias) {
    String result = node.outputs().get(0);
    String cast = editor.freshName(result + "_cast");
    String scale = editor.freshName(result + "_scale");
    String product = bias == null ? result : editor.freshName(result + "_product");
    List<Node> nodes = new ArrayList<>();
    nodes.add(integer);
    nodes.add(
        named("Cast", node, "_cast", List.of(integer.outputs().get(0)), cast).toBuilder()
            .attribute(Attribute.of("to", DataType.FLOAT32.onnxCode()))
            .build());
    nodes.add(named("Mul", node, "_scales", List.of(x.scale, w.scale), scale));
    nodes.add(named("Mul", node, "_rescale", List.of(cast, scale), product));
    if (bias != null) {
      nodes.add(named("Add", node, "_bias", List.of(product, bias), result));
    }
    editor.replace(node, nodes.toArray(Node[]::new));
  }

  private Node named(String type, Node origin, String suffix, List<String> inputs, String output) {
    return Node.builder(type)
        .name(editor.freshName(origin.name() + suffix))
        .inputs(inputs.toArray(String[]::new))
        .outputs(output)
        .build();
  }

  private Activation activation(Node reader) {
    return activations.computeIfAbsent(
        reader.inputs().get(0),
        tensor -> {
          Activation a =
              new Activation(
                  editor.freshName(tensor + "_quantized"),
                  editor.freshName(tensor + "_scale"),
                  editor.freshName(tensor + "_zero_point"));
          editor.insertBefore(
              reader,
              Node.builder("DynamicQuantizeLinear")
                  .name(editor.freshName(tensor + "_quantize"))
                  .inputs(tensor)
                  .outputs(a.values, a.scale, a.zero)
                  .build());
          return a;
        });
  }

  private Weights matrix(Initializer constant, boolean transposed, float alpha) {
    return weights.computeIfAbsent(
        List.of(constant.name(), transposed, alpha),
        key -> {
          Initializer matrix = transposed ? transposed(constant) : constant;
          QuantizedWeights quantized = QuantizedWeights.of(matrix, perChannel ? 1 : -1, reduced);
          Weights w = names(constant.name());
          float[] scales = quantized.scales();
          for (int i = 0; i < scales.length; i++) {
            scales[i] *= alpha;
          }
          editor
              .putInitializer(quantized.constant(w.values))
              .putInitializer(
                  perChannel
                      ? Initializer.floats(w.scale, scales, scales.length)
                      : Initializer.floats(w.scale, scales))
              .putInitializer(quantized.zeroConstant(w.zero));
          return w;
        });
  }

  /** Weights of a convolution. ConvInteger takes one zero point, and runtimes take UINT8 alone. */
  private Weights kernel(Initializer constant) {
    return weights.computeIfAbsent(
        List.of(constant.name()),
        key -> {
          QuantizedWeights quantized = QuantizedWeights.of(constant, perChannel ? 0 : -1, reduced);
          Weights w = names(constant.name());
          float[] scales = quantized.scales();
          editor
              .putInitializer(quantized.shifted(w.values))
              .putInitializer(
                  perChannel
                      ? Initializer.floats(w.scale, scales, channelDims(constant.dims()))
                      : Initializer.floats(w.scale, scales))
              .putInitializer(Initializer.longs(w.zero, DataType.UINT8, new long[] {128}));
          return w;
        });
  }

  private Weights names(String weights) {
    return new Weights(
        editor.freshName(weights + "_quantized"),
        editor.freshName(weights + "_scale"),
        editor.freshName(weights + "_zero_point"));
  }

  /** The shape at which one value a channel broadcasts over a convolution's result. */
  private static long[] channelDims(long[] kernel) {
    long[] dims = new long[kernel.length - 1];
    Arrays.fill(dims, 1);
    dims[0] = kernel[0];
    return dims;
  }

  private static Initializer transposed(Initializer matrix) {
    int rows = Math.toIntExact(matrix.dims()[0]);
    int columns = Math.toIntExact(matrix.dims()[1]);
    float[] from = matrix.floats();
    float[] to = new float[from.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        to[c * rows + r] = from[r * columns + c];
      }
    }
    return Initializer.floats(matrix.name(), to, columns, rows);
  }

  /** Removes the constants whose readers are all replaced. */
  void removeUnread() {
    Preparation.removeUnread(editor, replaced);
  }
}

package io.inferc.rewrite.quantize;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.EmbeddingTable;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes layers with dynamic scales into one graph of a model. */
final class DynamicWriter {
  /** The domain of the operators that only ONNX Runtime has. */
  static final String CONTRIB = "com.microsoft";

  /** An activation as DynamicQuantizeLinear makes it. */
  private record Activation(String values, String scale, String zero) {}

  private final GraphEditor editor;
  private final DynamicWeights weights;
  private final Collection<String> replaced;
  private final Map<String, Activation> activations = new HashMap<>();

  /**
   * Creates a writer.
   *
   * @param editor the graph
   * @param weights takes the integers
   * @param replaced takes the names of the constants that were replaced by them
   */
  DynamicWriter(GraphEditor editor, DynamicWeights weights, Collection<String> replaced) {
    this.editor = editor;
    this.weights = weights;
    this.replaced = replaced;
  }

  void write(MatrixLayer layer) {
    Initializer constant = layer.weights();
    if (constant == null) {
      throw new CannotQuantizeException("its weights are not constant.");
    }
    switch (layer.node().opType()) {
      case "MatMul" -> product(layer.node(), weights.matrix(constant, false, 1), null);
      case "Gemm" -> gemm(layer, constant);
      case "Conv" -> convolution(layer, constant);
      default ->
          throw new CannotQuantizeException(
              "there is no integer operator for " + layer.node().opType() + ".");
    }
    replaced.add(constant.name());
  }

  void write(RecurrentLayer layer) {
    Node node = layer.node();
    DynamicWeights.Tensors w = weights.recurrent(layer.input());
    DynamicWeights.Tensors r = weights.recurrent(layer.recurrence());
    // Of the eight inputs of an LSTM, those between the weights and the peepholes may be missing.
    List<String> inputs = new ArrayList<>(node.inputs());
    while (inputs.size() < 8) {
      inputs.add("");
    }
    inputs.set(1, w.values());
    inputs.set(2, r.values());
    inputs.addAll(List.of(w.scale(), w.zero(), r.scale(), r.zero()));
    editor.replace(
        node,
        node.toBuilder()
            .opType("DynamicQuantizeLSTM")
            .domain(CONTRIB)
            .inputs(inputs.toArray(String[]::new))
            .removeAttribute("layout")
            .build());
    replaced.add(layer.input().name());
    replaced.add(layer.recurrence().name());
  }

  /** Picks rows of integers and of scales, and multiplies them. */
  void write(EmbeddingTable table) {
    Node node = table.node();
    String result = node.outputs().get(0);
    DynamicWeights.Tensors rows = weights.table(table.rows());
    String[] names = new String[3];
    for (int i = 0; i < names.length; i++) {
      names[i] = weights.freshName(result + List.of("_integer", "_cast", "_scale").get(i));
    }
    String indices = node.inputs().get(1);
    editor.replace(
        node,
        node.toBuilder().inputs(rows.values(), indices).outputs(names[0]).build(),
        toFloat(node, names[0], names[1]),
        named("Gather", node, "_scales", List.of(rows.scale(), indices), names[2]),
        named("Mul", node, "_rescale", List.of(names[1], names[2]), result));
    replaced.add(table.rows().name());
  }

  private Node toFloat(Node origin, String integers, String floats) {
    return named("Cast", origin, "_cast", List.of(integers), floats).toBuilder()
        .attribute(Attribute.of("to", DataType.FLOAT32.onnxCode()))
        .build();
  }

  private void gemm(MatrixLayer layer, Initializer constant) {
    Node node = layer.node();
    if (node.intAttribute("transA", 0) != 0) {
      throw new CannotQuantizeException("its input is transposed.");
    }
    float beta = Preparation.number(node, "beta", 1);
    String bias = node.input(2).orElse(null);
    Initializer values = layer.bias();
    if (bias != null && beta != 1 && values == null) {
      throw new CannotQuantizeException("its bias is scaled and not constant.");
    }
    DynamicWeights.Tensors w =
        weights.matrix(constant, layer.axis() == 0, Preparation.number(node, "alpha", 1));
    if (bias != null && beta != 1 && values != null) {
      float[] scaled = values.floats();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= beta;
      }
      replaced.add(bias);
      bias = weights.freshName(bias + "_scaled");
      editor.putInitializer(Initializer.floats(bias, scaled, values.dims()));
    }
    product(node, w, bias);
  }

  private void product(Node node, DynamicWeights.Tensors w, @Nullable String bias) {
    Activation x = activation(node);
    Node integer =
        Node.builder("MatMulInteger")
            .name(node.name())
            .inputs(x.values, w.values(), x.zero, w.zero())
            .outputs(weights.freshName(node.outputs().get(0) + "_integer"))
            .build();
    replace(node, integer, x, w, bias);
  }

  private void convolution(MatrixLayer layer, Initializer constant) {
    Node node = layer.node();
    String bias = node.input(2).orElse(null);
    if (bias != null && layer.hasOddBias()) {
      throw new CannotQuantizeException("its bias is not one constant for each channel.");
    }
    DynamicWeights.Tensors w = weights.kernel(constant);
    Activation x = activation(node);
    Node integer =
        node.toBuilder()
            .opType("ConvInteger")
            .inputs(x.values, w.values(), x.zero, w.zero())
            .outputs(weights.freshName(node.outputs().get(0) + "_integer"))
            .build();
    String addend = null;
    if (bias != null && layer.bias() != null) {
      replaced.add(bias);
      addend = weights.freshName(bias + "_channels");
      editor.putInitializer(
          Initializer.floats(
              addend, layer.bias().floats(), DynamicWeights.channelDims(constant.dims())));
    }
    replace(node, integer, x, w, addend);
  }

  /** Puts the integer node and what turns its result into numbers in the place of a node. */
  private void replace(
      Node node, Node integer, Activation x, DynamicWeights.Tensors w, @Nullable String bias) {
    String result = node.outputs().get(0);
    String cast = weights.freshName(result + "_cast");
    String scale = weights.freshName(result + "_scale");
    String product = bias == null ? result : weights.freshName(result + "_product");
    List<Node> nodes = new ArrayList<>();
    nodes.add(integer);
    nodes.add(toFloat(node, integer.outputs().get(0), cast));
    nodes.add(named("Mul", node, "_scales", List.of(x.scale, w.scale()), scale));
    nodes.add(named("Mul", node, "_rescale", List.of(cast, scale), product));
    if (bias != null) {
      nodes.add(named("Add", node, "_bias", List.of(product, bias), result));
    }
    editor.replace(node, nodes.toArray(Node[]::new));
  }

  private Node named(String type, Node origin, String suffix, List<String> inputs, String output) {
    return Node.builder(type)
        .name(weights.freshName(origin.name() + suffix))
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
                  weights.freshName(tensor + "_quantized"),
                  weights.freshName(tensor + "_scale"),
                  weights.freshName(tensor + "_zero_point"));
          editor.insertBefore(
              reader,
              Node.builder("DynamicQuantizeLinear")
                  .name(weights.freshName(tensor + "_quantize"))
                  .inputs(tensor)
                  .outputs(a.values, a.scale, a.zero)
                  .build());
          return a;
        });
  }

  /** Removes the constants of this graph whose readers are all replaced. */
  void removeUnread() {
    Preparation.removeUnread(editor, replaced);
  }
}

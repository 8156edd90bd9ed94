package io.inferc.rewrite.quantize;

import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.spi.QuantizationDialect;
import io.inferc.spi.QuantizationDialect.BiasRule;
import io.inferc.spi.QuantizationDialect.FanOutRule;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes QuantizeLinear and DequantizeLinear into a graph. */
final class QdqWriter {
  /** Names of the constants beside the integers. */
  private record Scale(String scale, String zero) {}

  private final Graph graph;
  private final GraphEditor editor;
  private final QuantizationDialect dialect;
  private final QuantizedRegions regions;
  private final QdqConstants constants;
  private final Map<String, Scale> scales = new HashMap<>();
  private final List<String> replaced = new ArrayList<>();

  QdqWriter(
      Graph graph, GraphEditor editor, QuantizationDialect dialect, QuantizedRegions regions) {
    this.graph = graph;
    this.editor = editor;
    this.dialect = dialect;
    this.regions = regions;
    constants = new QdqConstants(editor, dialect);
  }

  /**
   * Replaces the weights and the bias of a layer.
   *
   * @throws CannotQuantizeException if the weights cannot be; then nothing was changed
   */
  void writeConstants(MatrixLayer layer) {
    Initializer weights = layer.weights();
    if (weights == null) {
      return;
    }
    Node node = layer.node();
    Initializer bias = writesBias(layer) ? layer.bias() : null;
    float inputScale = regions.parameters(node.inputs().get(0)).scale();
    int axis = dialect.perChannelWeights() ? layer.axis() : -1;
    QdqConstants.Pair pair = constants.layer(weights, axis, bias, inputScale, node);
    String[] inputs = node.inputs().toArray(String[]::new);
    inputs[1] = pair.weights();
    replaced.add(weights.name());
    if (pair.bias() != null && bias != null) {
      replaced.add(bias.name());
      if (layer.add() == null) {
        inputs[2] = pair.bias();
      } else {
        String read = pair.bias();
        Node add = editor.current(layer.add()).orElseThrow();
        editor.replace(add, add.mapReads(n -> n.equals(bias.name()) ? read : n));
      }
    }
    replaceReads(node, inputs);
  }

  /**
   * Tells whether the bias is written as integers. Where that is the rule, the bias that follows a
   * MatMul is so only if a runtime may know all sizes: it then merges both into a Gemm, which has
   * an integer kernel with such a bias alone; else the addition stays one of numbers.
   */
  private boolean writesBias(MatrixLayer layer) {
    if (dialect.biasRule() != BiasRule.INT32 || layer.add() == null) {
      return dialect.biasRule() == BiasRule.INT32;
    }
    Optional<List<Dimension>> sizes =
        graph
            .declared(layer.node().inputs().get(0))
            .flatMap(declared -> declared.shape().dimensions());
    return sizes.isEmpty()
        || sizes.get().size() == 2
        || sizes.get().stream().allMatch(Dimension::isFixed);
  }

  private void replaceReads(Node node, String[] inputs) {
    Node current = editor.current(node).orElseThrow();
    editor.replace(current, current.toBuilder().inputs(inputs).build());
  }

  /** Quantizes the activations, and the constants of operators without weights. */
  void writeActivations() {
    for (Map.Entry<String, Set<Node>> e : regions.tensors().entrySet()) {
      write(e.getKey(), e.getValue());
    }
    for (Node node : regions.active()) {
      if (!regions.isTransparent(node)) {
        writeOperands(node);
      }
    }
    writeBarriers();
    Preparation.removeUnread(editor, replaced);
  }

  private void write(String tensor, Set<Node> integerReaders) {
    boolean exclusive = regions.isExclusive(tensor);
    List<Node> readers =
        exclusive
            ? editor.consumers(tensor)
            : integerReaders.stream().map(n -> editor.current(n).orElseThrow()).toList();
    String source = tensor;
    boolean returned = exclusive && editor.isOutput(tensor);
    if (returned) {
      source = editor.freshName(tensor + "_float");
      Node producer = editor.producer(tensor).orElseThrow();
      String made = source;
      editor.replace(producer, withOutputs(producer, tensor, made));
    }
    Scale scale = scale(tensor);
    Node quantize =
        Node.builder("QuantizeLinear")
            .name(editor.freshName(tensor + "_quantize"))
            .inputs(source, scale.scale, scale.zero)
            .outputs(editor.freshName(tensor + "_quantized"))
            .build();
    List<Node> added = new ArrayList<>();
    added.add(quantize);
    boolean shared = dialect.fanOutRule() == FanOutRule.SHARED_PAIR;
    Node last = null;
    if (returned) {
      last = dequantize(quantize, tensor, tensor);
      added.add(last);
    }
    for (Node reader : readers) {
      if (last == null || !shared) {
        last = dequantize(quantize, tensor, editor.freshName(tensor + "_dequantized"));
        added.add(last);
      }
      String read = last.outputs().get(0);
      editor.replace(reader, reader.mapReads(n -> n.equals(tensor) ? read : n));
    }
    insert(source, readers, added);
  }

  /**
   * Puts the same tensor again, by a node that no optimizer takes away or moves past, before nodes
   * that the integer kernels do not compute rightly. Directly behind a DequantizeLinear they would
   * get these kernels, and behind a convolution in integers the layout of one.
   */
  private void writeBarriers() {
    for (Node node : regions.apart()) {
      Node reader = editor.current(node).orElseThrow();
      String read = reader.inputs().get(0);
      String made = editor.freshName(read + "_apart");
      editor.insertBefore(
          reader,
          Node.builder("Einsum")
              .name(made)
              .inputs(read)
              .attribute(Attribute.of("equation", "...->..."))
              .outputs(made)
              .build());
      editor.replace(reader, reader.mapReads(n -> n.equals(read) ? made : n));
    }
  }

  private void insert(String source, List<Node> readers, List<Node> added) {
    Node[] nodes = added.toArray(Node[]::new);
    Node producer = editor.producer(source).orElse(null);
    if (producer != null) {
      editor.insertAfter(producer, nodes);
    } else {
      editor.insertBefore(editor.current(readers.get(0)).orElseThrow(), nodes);
    }
  }

  private static Node withOutputs(Node node, String from, String to) {
    String[] outputs = node.outputs().toArray(String[]::new);
    Arrays.setAll(outputs, i -> outputs[i].equals(from) ? to : outputs[i]);
    return node.toBuilder().outputs(outputs).build();
  }

  private Node dequantize(Node quantize, String tensor, String output) {
    Scale scale = scale(tensor);
    return Node.builder("DequantizeLinear")
        .name(editor.freshName(tensor + "_dequantize"))
        .inputs(quantize.outputs().get(0), scale.scale, scale.zero)
        .outputs(output)
        .build();
  }

  private Scale scale(String tensor) {
    return scales.computeIfAbsent(
        regions.origin(tensor), origin -> scale(origin, regions.parameters(origin)));
  }

  private Scale scale(String tensor, QuantizationParameters p) {
    Scale scale =
        new Scale(editor.freshName(tensor + "_scale"), editor.freshName(tensor + "_zero_point"));
    editor
        .putInitializer(Initializer.floats(scale.scale, new float[] {p.scale()}))
        .putInitializer(Initializer.longs(scale.zero, p.type(), new long[] {p.zeroPoint()}));
    return scale;
  }

  private void writeOperands(Node node) {
    for (String operand : Followers.operands(node)) {
      Initializer constant = Constants.floats(editor, operand).orElse(null);
      if (constant != null) {
        String read = constantOperand(constant, node);
        Node current = editor.current(node).orElseThrow();
        editor.replace(current, current.mapReads(n -> n.equals(operand) ? read : n));
        replaced.add(operand);
      }
    }
  }

  /** Writes a constant in the type of activations. */
  private String constantOperand(Initializer constant, Node reader) {
    float[] values = constant.floats();
    float min = 0;
    float max = 0;
    for (float v : values) {
      min = Math.min(min, v);
      max = Math.max(max, v);
    }
    QuantizationParameters p =
        QuantizationParameters.of(
            TensorRange.observed(min, max),
            dialect.activationType(),
            dialect.symmetricActivations());
    long[] integers = new long[values.length];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = p.quantize(values[i]);
    }
    Scale scale = scale(constant.name(), p);
    String quantized = editor.freshName(constant.name() + "_quantized");
    String output = editor.freshName(constant.name() + "_dequantized");
    DataType type = p.type();
    editor.putInitializer(Initializer.longs(quantized, type, integers, constant.dims()));
    editor.insertBefore(
        editor.current(reader).orElseThrow(),
        Node.builder("DequantizeLinear")
            .name(editor.freshName(constant.name() + "_dequantize"))
            .inputs(quantized, scale.scale, scale.zero)
            .outputs(output)
            .build());
    return output;
  }
}

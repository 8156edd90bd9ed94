package io.inferc.rewrite;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Works out the element type of the tensors of a graph from its operators. */
final class TensorTypes {
  private static final Set<String> DTYPE_OR_FLOAT =
      Set.of(
          "RandomNormal",
          "RandomUniform",
          "BlackmanWindow",
          "HannWindow",
          "HammingWindow",
          "MelWeightMatrix");
  private static final Set<String> DTYPE_OR_INPUT =
      Set.of("EyeLike", "RandomNormalLike", "RandomUniformLike", "Bernoulli");

  private final OperatorTypes operators;
  private final int opset;
  private final Map<String, DataType> types;

  private TensorTypes(OperatorTypes operators, int opset, Map<String, DataType> outer) {
    this.operators = operators;
    this.opset = opset;
    this.types = new HashMap<>(outer);
  }

  /** Returns the types by tensor name; what cannot be told is left out. */
  static Map<String, DataType> of(Graph graph, OperatorTypes operators, int opset) {
    return of(graph, operators, opset, Map.of());
  }

  private static Map<String, DataType> of(
      Graph graph, OperatorTypes operators, int opset, Map<String, DataType> outer) {
    TensorTypes found = new TensorTypes(operators, opset, outer);
    graph.initializers().forEach(i -> found.types.put(i.name(), i.type()));
    for (ValueInfo input : graph.inputs()) {
      input.tensor().ifPresent(t -> found.types.put(t.name(), t.type()));
    }
    graph.nodes().forEach(n -> found.visit(n, graph));
    return found.types;
  }

  private void visit(Node node, Graph graph) {
    Optional<OperatorTypes.Signature> signature =
        node.domain().isEmpty() ? operators.of(node.opType(), opset) : Optional.empty();
    if (signature.isPresent()) {
      known(node, signature.get());
    }
    if (node.hasSubgraphs()) {
      subgraphs(node);
    }
    for (String output : node.outputs()) {
      if (!types.containsKey(output)) {
        graph.declared(output).map(TensorSpec::type).ifPresent(t -> types.put(output, t));
      }
    }
  }

  private void known(Node node, OperatorTypes.Signature signature) {
    Map<String, DataType> bound = new HashMap<>();
    List<String> inputs = node.inputs();
    for (int i = 0; i < inputs.size(); i++) {
      DataType type = types.get(inputs.get(i));
      if (type != null) {
        signature.input(i).ifPresent(slot -> bound.putIfAbsent(slot, type));
      }
    }
    for (int i = 0; i < inputs.size(); i++) {
      DataType type = signature.input(i).map(bound::get).orElse(null);
      if (type != null && !inputs.get(i).isEmpty()) {
        types.putIfAbsent(inputs.get(i), type);
      }
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      String slot = signature.output(i).orElse("");
      Optional<DataType> type = special(node, i);
      if (type.isEmpty()) {
        type = signature.fixed(slot).or(() -> Optional.ofNullable(bound.get(slot)));
      }
      String output = node.outputs().get(i);
      type.filter(t -> !output.isEmpty()).ifPresent(t -> types.put(output, t));
    }
  }

  /** Types that attributes decide on, and those that the specification gives in words only. */
  private Optional<DataType> special(Node node, int output) {
    String op = node.opType();
    if (op.equals("Cast")) {
      return code(node, "to");
    } else if (op.equals("Constant")) {
      return Constants.value(node).map(Initializer::type);
    } else if (op.equals("ConstantOfShape")) {
      return Optional.of(
          node.attribute("value").map(a -> a.asTensor().type()).orElse(DataType.FLOAT32));
    } else if (DTYPE_OR_FLOAT.contains(op)) {
      return code(node, op.startsWith("Random") ? "dtype" : "output_datatype")
          .or(() -> Optional.of(DataType.FLOAT32));
    } else if (DTYPE_OR_INPUT.contains(op)) {
      return code(node, "dtype").or(() -> node.input(0).map(types::get));
    } else if (op.equals("QuantizeLinear")) {
      return node.input(2)
          .map(types::get)
          .or(() -> code(node, "output_dtype"))
          .or(() -> Optional.of(DataType.UINT8));
    } else if (op.equals("DequantizeLinear")) {
      return code(node, "output_dtype").or(() -> node.input(1).map(types::get));
    } else if (op.equals("LayerNormalization") && output > 0) {
      return Optional.of(DataType.FLOAT32);
    }
    return Optional.empty();
  }

  private static Optional<DataType> code(Node node, String attribute) {
    int code = (int) node.intAttribute(attribute, 0);
    return code == 0 ? Optional.empty() : DataType.fromOnnxCode(code);
  }

  /** If gives what its graphs give; Loop and Scan give theirs without the condition of Loop. */
  private void subgraphs(Node node) {
    for (Attribute attribute : node.attributes()) {
      if (attribute.kind() != Attribute.Kind.GRAPH) {
        continue;
      }
      Graph body = attribute.asGraph();
      Map<String, DataType> inner = of(body, operators, opset, types);
      int skipped = node.opType().equals("Loop") ? 1 : 0;
      for (int i = 0; i + skipped < body.outputs().size() && i < node.outputs().size(); i++) {
        ValueInfo output = body.outputs().get(i + skipped);
        DataType type =
            output.tensor().map(TensorSpec::type).orElseGet(() -> inner.get(output.name()));
        if (type != null && !node.outputs().get(i).isEmpty() && tensors(node)) {
          types.putIfAbsent(node.outputs().get(i), type);
        }
      }
    }
  }

  private static boolean tensors(Node node) {
    return Set.of("If", "Loop", "Scan").contains(node.opType()) && node.domain().isEmpty();
  }
}

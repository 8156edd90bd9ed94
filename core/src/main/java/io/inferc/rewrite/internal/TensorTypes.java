package io.inferc.rewrite.internal;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Works out the element type of the tensors of a graph from its operators, also of those that pass
 * through sequences and optional values.
 */
public final class TensorTypes {
  /** They put tensors into sequences and optional values, or take them out. */
  public static final Set<String> CONTAINING =
      Set.of(
          "ConcatFromSequence",
          "Optional",
          "OptionalGetElement",
          "OptionalHasElement",
          "SequenceAt",
          "SequenceConstruct",
          "SequenceEmpty",
          "SequenceErase",
          "SequenceInsert",
          "SequenceLength",
          "SequenceMap",
          "SplitToSequence");

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
  // The specification gives them a type variable that admits one type.
  private static final Set<String> MEASURING = Set.of("Shape", "Size");
  private static final Set<String> RETURNING = Set.of("If", "Loop", "Scan", "SequenceMap");

  /** What a value is made of: tensors of a type, in so many sequences and optional values. */
  private record Value(DataType type, int depth) {}

  private final OperatorTypes operators;
  private final int opset;
  private final Map<String, Value> values;

  private TensorTypes(OperatorTypes operators, int opset, Map<String, Value> outer) {
    this.operators = operators;
    this.opset = opset;
    this.values = new HashMap<>(outer);
  }

  /** Returns the types by tensor name; what cannot be told, and what is no tensor, is left out. */
  public static Map<String, DataType> of(Graph graph, OperatorTypes operators, int opset) {
    TensorTypes found = new TensorTypes(operators, opset, Map.of());
    found.visit(graph);
    Map<String, DataType> types = new HashMap<>();
    found.values.forEach(
        (name, value) -> {
          if (value.depth() == 0) {
            types.put(name, value.type());
          }
        });
    return types;
  }

  private void visit(Graph graph) {
    graph.initializers().forEach(i -> values.put(i.name(), new Value(i.type(), 0)));
    graph.inputs().forEach(i -> declared(i).ifPresent(v -> values.put(i.name(), v)));
    Map<String, ValueInfo> declared = new HashMap<>();
    graph.valueInfos().forEach(v -> declared.put(v.name(), v));
    graph.outputs().forEach(v -> declared.put(v.name(), v));
    graph.nodes().forEach(n -> visit(n, declared));
  }

  private static Optional<Value> declared(ValueInfo info) {
    return info.elementType().map(t -> new Value(t, info.depth()));
  }

  private void visit(Node node, Map<String, ValueInfo> declared) {
    Optional<OperatorTypes.Signature> signature =
        node.domain().isEmpty() ? operators.of(node.opType(), opset) : Optional.empty();
    if (signature.isPresent() && CONTAINING.contains(node.opType())) {
      contained(node).ifPresent(v -> values.put(node.outputs().get(0), v));
    } else if (signature.isPresent()) {
      known(node, signature.get());
    }
    if (node.hasSubgraphs()) {
      subgraphs(node);
    }
    for (String output : node.outputs()) {
      ValueInfo info = declared.get(output);
      if (info != null && !values.containsKey(output)) {
        declared(info).ifPresent(v -> values.put(output, v));
      }
    }
  }

  private Optional<Value> contained(Node node) {
    Optional<Value> first =
        node.inputs().stream().filter(values::containsKey).findFirst().map(values::get);
    return switch (node.opType()) {
      case "OptionalHasElement" -> Optional.of(new Value(DataType.BOOL, 0));
      case "SequenceLength" -> Optional.of(new Value(DataType.INT64, 0));
      case "SequenceEmpty" ->
          Optional.of(new Value(code(node, "dtype").orElse(DataType.FLOAT32), 1));
      case "SequenceAt", "ConcatFromSequence" -> first.map(v -> new Value(v.type(), 0));
      case "SplitToSequence", "SequenceConstruct", "SequenceInsert", "SequenceErase" ->
          first.map(v -> new Value(v.type(), 1));
      case "Optional" -> first.map(v -> new Value(v.type(), v.depth() + 1));
      case "OptionalGetElement" -> first.map(v -> new Value(v.type(), Math.max(0, v.depth() - 1)));
      default -> Optional.empty();
    };
  }

  private Optional<DataType> tensor(String name) {
    return Optional.ofNullable(values.get(name)).filter(v -> v.depth() == 0).map(Value::type);
  }

  private void known(Node node, OperatorTypes.Signature signature) {
    Map<String, Value> bound = new HashMap<>();
    List<String> inputs = node.inputs();
    for (int i = 0; i < inputs.size(); i++) {
      Value value = values.get(inputs.get(i));
      if (value != null) {
        signature.input(i).ifPresent(slot -> bound.putIfAbsent(slot, value));
      }
    }
    for (int i = 0; i < inputs.size(); i++) {
      Value value = signature.input(i).map(bound::get).orElse(null);
      if (value != null && !inputs.get(i).isEmpty() && !RETURNING.contains(node.opType())) {
        values.putIfAbsent(inputs.get(i), value);
      }
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      String slot = signature.output(i).orElse("");
      Optional<Value> value =
          special(node, i).or(() -> signature.fixed(slot)).map(t -> new Value(t, 0));
      if (value.isEmpty() && !RETURNING.contains(node.opType())) {
        value = Optional.ofNullable(bound.get(slot));
      }
      String output = node.outputs().get(i);
      value.filter(v -> !output.isEmpty()).ifPresent(v -> values.put(output, v));
    }
  }

  /** Types that attributes decide on, and those that the specification gives in words only. */
  private Optional<DataType> special(Node node, int output) {
    String op = node.opType();
    if (op.equals("Cast") || op.equals("BitCast")) {
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
      return code(node, "dtype").or(() -> node.input(0).flatMap(this::tensor));
    } else if (op.equals("QuantizeLinear")) {
      return node.input(2)
          .flatMap(this::tensor)
          .or(() -> code(node, "output_dtype"))
          .or(() -> Optional.of(DataType.UINT8));
    } else if (op.equals("DequantizeLinear")) {
      return code(node, "output_dtype").or(() -> node.input(1).flatMap(this::tensor));
    } else if (MEASURING.contains(op)) {
      return Optional.of(DataType.INT64);
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
      TensorTypes inner = new TensorTypes(operators, opset, values);
      inner.visit(body);
      if (!node.domain().isEmpty() || !RETURNING.contains(node.opType())) {
        continue;
      }
      int skipped = node.opType().equals("Loop") ? 1 : 0;
      int deeper = node.opType().equals("SequenceMap") ? 1 : 0;
      for (int i = 0; i + skipped < body.outputs().size() && i < node.outputs().size(); i++) {
        ValueInfo output = body.outputs().get(i + skipped);
        Optional<Value> value =
            declared(output).or(() -> Optional.ofNullable(inner.values.get(output.name())));
        if (value.isPresent() && !node.outputs().get(i).isEmpty()) {
          Value made = new Value(value.get().type(), value.get().depth() + deeper);
          values.putIfAbsent(node.outputs().get(i), made);
        }
      }
    }
  }
}

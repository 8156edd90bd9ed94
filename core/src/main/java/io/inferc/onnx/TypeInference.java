package io.inferc.onnx;

import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Works out the element types of tensors where the model does not declare them, as far as that
 * follows from the operators. It knows the common ones; for the others the type stays unknown.
 */
final class TypeInference {
  /** What they give out has the type of their first input. */
  private static final Set<String> AS_FIRST =
      Set.of(
          "Relu",
          "LeakyRelu",
          "Elu",
          "Selu",
          "Sigmoid",
          "HardSigmoid",
          "Tanh",
          "Erf",
          "Sqrt",
          "Exp",
          "Log",
          "Neg",
          "Abs",
          "Floor",
          "Ceil",
          "Reciprocal",
          "Softmax",
          "LogSoftmax",
          "Hardmax",
          "Softplus",
          "Softsign",
          "Sign",
          "Clip",
          "Pad",
          "Identity",
          "Reshape",
          "Transpose",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Slice",
          "Gather",
          "Expand",
          "Tile",
          "Split",
          "Pow",
          "AveragePool",
          "GlobalAveragePool",
          "GlobalMaxPool",
          "LRN",
          "LpNormalization",
          "Upsample",
          "Resize",
          "DepthToSpace",
          "SpaceToDepth",
          "Scatter",
          "TopK",
          "MaxPool",
          "Dropout");

  /** All their inputs have one type, and so has what they give out. */
  private static final Set<String> ALL_ALIKE =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Min",
          "Max",
          "Mean",
          "Sum",
          "PRelu",
          "MatMul",
          "Gemm",
          "Conv",
          "ConvTranspose",
          "Concat",
          "BatchNormalization",
          "InstanceNormalization");

  /** Of these, only the first output is of that type. */
  private static final Set<String> OTHERS_DIFFER = Set.of("TopK", "MaxPool", "Dropout");

  private final Map<String, DataType> types = new HashMap<>();
  // Of these nothing is known.
  private final RepeatedNames ambiguous = new RepeatedNames();

  private TypeInference() {}

  static Map<String, DataType> of(Graph graph) {
    TypeInference inference = new TypeInference();
    inference.run(graph);
    inference.types.keySet().removeAll(inference.ambiguous.names());
    return inference.types;
  }

  /** What is known of a function, whose inputs are of any type: what starts from constants. */
  static Map<String, DataType> of(List<Node> nodes) {
    TypeInference inference = new TypeInference();
    inference.run(nodes);
    inference.types.keySet().removeAll(inference.ambiguous.names());
    return inference.types;
  }

  private void run(Graph graph) {
    ambiguous.add(graph);
    graph.initializers().forEach(i -> types.putIfAbsent(i.name(), i.type()));
    for (List<ValueInfo> declared : List.of(graph.inputs(), graph.outputs(), graph.valueInfos())) {
      for (ValueInfo v : declared) {
        v.tensor().map(TensorSpec::type).ifPresent(t -> types.putIfAbsent(v.name(), t));
      }
    }
    run(graph.nodes());
  }

  private void run(List<Node> nodes) {
    for (Node n : nodes) {
      if (n.domain().isEmpty()) {
        infer(n);
      }
      n.subgraphs().forEach(this::run);
    }
  }

  private void infer(Node n) {
    Optional<DataType> type = type(n);
    if (type.isEmpty()) {
      return;
    }
    int outputs = OTHERS_DIFFER.contains(n.opType()) ? 1 : n.outputs().size();
    for (int i = 0; i < outputs; i++) {
      types.putIfAbsent(n.outputs().get(i), type.get());
    }
    if (ALL_ALIKE.contains(n.opType())) {
      n.inputs().forEach(i -> types.putIfAbsent(i, type.get()));
    }
  }

  private Optional<DataType> type(Node n) {
    if (ALL_ALIKE.contains(n.opType())) {
      return n.inputs().stream()
          .filter(i -> types.containsKey(i) && !ambiguous.names().contains(i))
          .map(types::get)
          .findFirst();
    }
    if (AS_FIRST.contains(n.opType()) || n.opType().startsWith("Reduce")) {
      return n.input(0).filter(i -> !ambiguous.names().contains(i)).map(types::get);
    }
    return switch (n.opType()) {
      case "Cast", "BitCast" -> DataType.fromOnnxCode((int) n.intAttribute("to", 0));
      case "Constant" -> n.attribute("value").map(a -> a.asTensor().type());
      case "ConstantOfShape" ->
          Optional.of(n.attribute("value").map(a -> a.asTensor().type()).orElse(DataType.FLOAT32));
      case "Where" -> n.input(1).map(types::get);
      case "Shape", "Size", "NonZero", "ArgMax", "ArgMin" -> Optional.of(DataType.INT64);
      default -> Optional.empty();
    };
  }
}

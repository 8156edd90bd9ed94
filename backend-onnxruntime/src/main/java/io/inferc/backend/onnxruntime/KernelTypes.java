package io.inferc.backend.onnxruntime;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The element types of an optimized graph's tensors, and what its kernels compute in.
 *
 * <p>The graph that ONNX Runtime writes does not declare the types between nodes, so they are
 * worked out from the inputs on: most operators return the type of their first input.
 */
final class KernelTypes {
  private static final Set<String> TO_INT64 =
      Set.of("Shape", "Size", "NonZero", "ArgMax", "ArgMin", "StringSplit");
  private static final Set<String> TO_BOOL =
      Set.of(
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "And",
          "Or",
          "Xor",
          "Not",
          "IsNaN",
          "IsInf");
  private static final Set<String> TO_INT32 = Set.of("MatMulInteger", "ConvInteger");
  private static final Set<String> TO_SECOND_TYPE = Set.of("DequantizeLinear", "Where", "OneHot");

  /** Kernels that multiply integers though they take or return floating point. */
  private static final Set<String> INTEGER_ARITHMETIC =
      Set.of(
          "MatMulInteger",
          "ConvInteger",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul",
          "DynamicQuantizeLSTM",
          "QGemm",
          "QAttention",
          "QEmbedLayerNormalization",
          "QOrderedMatMul");

  private final Map<String, DataType> types = new HashMap<>();

  KernelTypes(Graph graph) {
    for (ValueInfo input : graph.inputs()) {
      input.tensor().ifPresent(t -> types.put(t.name(), t.type()));
    }
    for (ValueInfo between : graph.valueInfos()) {
      between.tensor().ifPresent(t -> types.put(t.name(), t.type()));
    }
    for (Initializer constant : graph.initializers()) {
      types.put(constant.name(), constant.type());
    }
    graph.nodes().forEach(this::addOutputs);
  }

  private void addOutputs(Node node) {
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.outputs().get(i);
      if (!output.isEmpty() && !types.containsKey(output)) {
        outputType(node, i).ifPresent(type -> types.put(output, type));
      }
    }
  }

  private Optional<DataType> inputType(Node node, int index) {
    return node.input(index).map(types::get);
  }

  private Optional<DataType> outputType(Node node, int index) {
    String operator = node.opType();
    if (node.hasSubgraphs()) {
      return Optional.empty();
    }
    if (TO_INT64.contains(operator) || (operator.equals("TopK") && index == 1)) {
      return Optional.of(DataType.INT64);
    }
    if (TO_BOOL.contains(operator)) {
      return Optional.of(DataType.BOOL);
    }
    if (TO_INT32.contains(operator)) {
      return Optional.of(DataType.INT32);
    }
    if (TO_SECOND_TYPE.contains(operator)) {
      return inputType(node, operator.equals("OneHot") ? 2 : 1);
    }
    return switch (operator) {
      case "Cast" -> DataType.fromOnnxCode((int) node.intAttribute("to", 0));
      case "Constant", "ConstantOfShape" ->
          Optional.of(
              node.attribute("value")
                  .filter(a -> a.kind() == Attribute.Kind.TENSOR)
                  .map(a -> a.asTensor().type())
                  .orElse(DataType.FLOAT32));
      case "QuantizeLinear" -> Optional.of(inputType(node, 2).orElse(DataType.UINT8));
      case "DynamicQuantizeLinear" -> Optional.of(index == 1 ? DataType.FLOAT32 : DataType.UINT8);
      case "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM" ->
          Optional.of(DataType.FLOAT32);
      // Their first inputs are the output's scale and zero point.
      case "QLinearConcat" -> inputType(node, 1);
      default -> inputType(node, 0);
    };
  }

  /** What a kernel computes in; empty where that cannot be told. */
  Optional<String> precision(Node kernel) {
    String operator = kernel.opType();
    if (operator.startsWith("QLinear") || INTEGER_ARITHMETIC.contains(operator)) {
      return Optional.of(DataType.INT8.name());
    }
    if (operator.equals("QuantizeLinear")) {
      return inputType(kernel, 0).map(DataType::name);
    }
    if (operator.equals("DynamicQuantizeLinear")) {
      return Optional.of(DataType.FLOAT32.name());
    }
    return kernel.outputs().stream()
        .filter(types::containsKey)
        .findFirst()
        .map(types::get)
        .map(DataType::name);
  }
}

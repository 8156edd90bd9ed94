package io.inferc.report;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.runtime.KernelInfo;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compares what layers compute in with what the model says. */
final class PrecisionFindings {
  private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");
  private static final String DEQUANTIZE = "DequantizeLinear";
  private static final Map<DataType, String> TYPES =
      Map.of(
          DataType.FLOAT32, "FP32",
          DataType.FLOAT16, "FP16",
          DataType.BFLOAT16, "BF16");

  private final KernelMap map;

  PrecisionFindings(KernelMap map) {
    this.map = map;
  }

  List<LayerPrecision> find() {
    List<LayerPrecision> found = new ArrayList<>();
    for (Node node : map.nodes()) {
      if (LAYERS.contains(node.opType()) && node.domain().isEmpty()) {
        asked(node).flatMap(asked -> compare(node, asked)).ifPresent(found::add);
      }
    }
    return found;
  }

  /**
   * Empty where neither weights nor a DequantizeLinear say it, or no kernel stands for the node.
   */
  private Optional<LayerPrecision> compare(Node node, String asked) {
    List<KernelInfo> kernels =
        map.kernels(node).stream()
            .filter(k -> k.precision().isPresent() && !QuantizationFindings.isConversion(k))
            .toList();
    if (kernels.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new LayerPrecision(
            node.label(),
            node.opType(),
            asked,
            kernels.stream().map(k -> word(k.precision().orElseThrow())).distinct().toList(),
            kernels.stream().map(KernelInfo::type).distinct().toList()));
  }

  private Optional<String> asked(Node node) {
    Optional<Node> weights = map.producer(node, 1, DEQUANTIZE);
    if (weights.isPresent() && map.producer(node, 0, DEQUANTIZE).isPresent()) {
      return Optional.of("INT8");
    }
    // Weights alone in integers are computed with in the type of their scale.
    Optional<String> typed = weights.flatMap(w -> w.input(1)).or(() -> node.input(1));
    return typed
        .flatMap(map::constant)
        .map(Initializer::type)
        .flatMap(type -> Optional.ofNullable(TYPES.get(type)));
  }

  /** Says a runtime's word for a precision as ours, if it is known. */
  static String word(String precision) {
    return switch (precision.toUpperCase(Locale.ROOT)) {
      case "FP32", "F32", "FLOAT", "FLOAT32", "TF32" -> "FP32";
      case "FP16", "F16", "HALF", "FLOAT16" -> "FP16";
      case "BF16", "BFLOAT16" -> "BF16";
      case "INT8", "I8", "S8", "UINT8", "U8" -> "INT8";
      default -> precision;
    };
  }
}

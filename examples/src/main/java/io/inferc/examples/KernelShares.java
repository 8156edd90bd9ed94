package io.inferc.examples;

import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where the time of a transformer goes, as its runtime times its kernels. */
final class KernelShares {
  // The least of so many profiles: what others do on the machine only adds.
  private static final int PROFILES = 6;

  /** What a kernel is there for. */
  private enum Part {
    WEIGHTS("products with weights"),
    ATTENTION("attention between its projections"),
    QUANTIZATION("quantization apart from them"),
    NORMALIZATION("layer normalization"),
    GELU("Gelu"),
    ELEMENTWISE("additions and multiplications"),
    MOVES("transposition and reshaping"),
    REST("embeddings and the rest");

    private final String words;

    Part(String words) {
      this.words = words;
    }

    static Part of(KernelInfo kernel) {
      String type = kernel.type();
      if (type.contains("MatMul") || type.contains("Gemm")) {
        boolean attention = kernel.nodes().stream().anyMatch(KernelShares::isInAttention);
        return attention ? ATTENTION : WEIGHTS;
      }
      if (type.endsWith("QuantizeLinear") || type.endsWith("DequantizeLinear")) {
        return QUANTIZATION;
      }
      return switch (type) {
        case "LayerNormalization", "SkipLayerNormalization" -> NORMALIZATION;
        case "Gelu", "BiasGelu", "FastGelu" -> GELU;
        // A mask decides on the kernel, and what each takes is told of the decision.
        case "Softmax", "MultiHeadAttention", "If" -> ATTENTION;
        case "Add", "Mul", "Div", "Sub" -> ELEMENTWISE;
        case "Transpose", "Reshape" -> MOVES;
        default -> REST;
      };
    }
  }

  private final Map<Part, Double> millis = new EnumMap<>(Part.class);
  private final Map<Part, Integer> counts = new EnumMap<>(Part.class);

  private KernelShares() {}

  /** The names that all-MiniLM-L6-v2 has for the two products of queries, keys and values. */
  private static boolean isInAttention(String node) {
    return node.contains("/attention/self/MatMul") || node.contains("/attention/self/Div");
  }

  /** Profiles a model with a request. */
  static KernelShares of(CompiledModel model, Map<String, Tensor> request) {
    KernelShares least = new KernelShares();
    for (int i = 0; i < PROFILES; i++) {
      Map<Part, Double> sums = new EnumMap<>(Part.class);
      least.counts.clear();
      for (KernelInfo kernel : model.kernels(request)) {
        Part part = Part.of(kernel);
        sums.merge(part, kernel.timeMillis().orElse(0.0), Double::sum);
        least.counts.merge(part, 1, Integer::sum);
      }
      sums.forEach((part, sum) -> least.millis.merge(part, sum, Math::min));
    }
    return least;
  }

  private double total() {
    return millis.values().stream().mapToDouble(m -> m).sum();
  }

  /** A table of two models in Markdown. */
  static List<String> table(String first, KernelShares a, String second, KernelShares b) {
    List<String> text = new ArrayList<>();
    text.add("| kernels | " + first + " | " + second + " | times |");
    text.add("|---|---|---|---|");
    for (Part part : Part.values()) {
      double before = a.millis.getOrDefault(part, 0.0);
      double after = b.millis.getOrDefault(part, 0.0);
      text.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s |",
              part.words,
              a.cell(part),
              b.cell(part),
              before > 0 && after > 0 ? String.format(Locale.ROOT, "%.2f", before / after) : ""));
    }
    text.add(
        String.format(
            Locale.ROOT,
            "| all | %.1f ms | %.1f ms | %.2f |",
            a.total(),
            b.total(),
            a.total() / b.total()));
    return text;
  }

  private String cell(Part part) {
    Integer count = counts.get(part);
    return count == null
        ? ""
        : String.format(Locale.ROOT, "%.1f ms in %d", millis.getOrDefault(part, 0.0), count);
  }
}

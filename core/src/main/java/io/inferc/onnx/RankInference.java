package io.inferc.onnx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Works out the number of dimensions of tensors where the model does not declare it, as far as that
 * follows from the operators. It knows the common ones; for the others the rank stays unknown.
 */
final class RankInference {
  private static final Set<String> SAME_AS_FIRST =
      Set.of(
          "Relu",
          "LeakyRelu",
          "PRelu",
          "Elu",
          "Selu",
          "Celu",
          "Sigmoid",
          "HardSigmoid",
          "HardSwish",
          "Tanh",
          "Erf",
          "Sqrt",
          "Exp",
          "Log",
          "Neg",
          "Abs",
          "Floor",
          "Ceil",
          "Round",
          "Reciprocal",
          "Clip",
          "Cast",
          "Identity",
          "Dropout",
          "Softmax",
          "LogSoftmax",
          "Softplus",
          "Softsign",
          "Not",
          "Sign",
          "Conv",
          "ConvTranspose",
          "ConvInteger",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "GlobalMaxPool",
          "LpPool",
          "BatchNormalization",
          "InstanceNormalization",
          "LayerNormalization",
          "LRN",
          "Pad",
          "Resize",
          "Upsample",
          "Slice",
          "Tile",
          "Transpose",
          "Concat",
          "Split",
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "DepthToSpace",
          "SpaceToDepth",
          "CumSum",
          "Scatter",
          "ScatterElements",
          "ScatterND",
          "GatherElements");
  private static final Set<String> BROADCAST =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Min",
          "Max",
          "Mean",
          "Sum",
          "Where",
          "Equal",
          "Less",
          "Greater",
          "And",
          "Or",
          "Xor",
          "Mod",
          "LessOrEqual",
          "GreaterOrEqual",
          "MatMul",
          "MatMulInteger");

  private final Map<String, Integer> ranks = new HashMap<>();
  private final Map<String, Integer> lengths = new HashMap<>();
  private final Set<String> unsqueezed = new HashSet<>();

  static Map<String, Integer> of(Graph graph) {
    RankInference inference = new RankInference();
    inference.run(graph);
    inference.ranks.keySet().removeAll(RepeatedNames.of(graph));
    return inference.ranks;
  }

  private void run(Graph graph) {
    for (Initializer i : graph.initializers()) {
      constant(i.name(), i.dims());
    }
    for (ValueInfo v : graph.inputs()) {
      v.tensor()
          .flatMap(t -> t.shape().dimensions())
          .ifPresent(d -> ranks.putIfAbsent(v.name(), d.size()));
    }
    for (ValueInfo v : graph.valueInfos()) {
      v.tensor()
          .flatMap(t -> t.shape().dimensions())
          .ifPresent(d -> ranks.putIfAbsent(v.name(), d.size()));
    }
    for (Node n : graph.nodes()) {
      if (n.domain().isEmpty()) {
        infer(n);
      }
      n.subgraphs().forEach(this::run);
    }
  }

  private void constant(String name, long[] dims) {
    ranks.put(name, dims.length);
    if (dims.length == 1) {
      lengths.put(name, (int) dims[0]);
    }
  }

  private void infer(Node n) {
    if (n.opType().equals("Constant")) {
      n.attribute("value").ifPresent(a -> constant(n.outputs().get(0), a.asTensor().dims()));
      return;
    }
    Optional<Integer> rank = rank(n);
    rank.ifPresent(
        r -> {
          for (String output : n.outputs()) {
            ranks.putIfAbsent(output, r);
          }
        });
    if (n.opType().equals("Shape")) {
      n.input(0).map(ranks::get).ifPresent(r -> lengths.put(n.outputs().get(0), r));
    } else if (n.opType().equals("Concat")) {
      concatLength(n);
    }
  }

  private void concatLength(Node n) {
    int sum = 0;
    for (String input : n.inputs()) {
      Integer length = lengths.get(input);
      if (length == null) {
        // Exported shapes are concatenated from unsqueezed scalars, one element each.
        length = ranks.getOrDefault(input, 0) == 1 && unsqueezed.contains(input) ? 1 : null;
      }
      if (length == null) {
        return;
      }
      sum += length;
    }
    lengths.put(n.outputs().get(0), sum);
  }

  private Optional<Integer> rank(Node n) {
    Optional<Integer> first = n.input(0).map(ranks::get);
    if (n.opType().equals("Transpose") && n.attribute("perm").isPresent()) {
      return n.attribute("perm").map(p -> p.asInts().length);
    }
    if (SAME_AS_FIRST.contains(n.opType())) {
      return first;
    }
    if (BROADCAST.contains(n.opType())) {
      int largest = 0;
      for (String input : n.inputs()) {
        Integer rank = ranks.get(input);
        if (rank == null || (rank < 2 && n.opType().startsWith("MatMul"))) {
          return Optional.empty();
        }
        largest = Math.max(largest, rank);
      }
      return Optional.of(largest);
    }
    Optional<long[]> axes = n.attribute("axes").map(Attribute::asInts);
    return switch (n.opType()) {
      case "Shape" -> Optional.of(1);
      case "Flatten", "Gemm" -> Optional.of(2);
      case "Reshape" -> n.input(1).map(lengths::get);
      case "Gather" ->
          first.isPresent() && n.input(1).map(ranks::get).isPresent()
              ? Optional.of(first.get() - 1 + n.input(1).map(ranks::get).orElseThrow())
              : Optional.empty();
      case "Unsqueeze" -> {
        Optional<Integer> rank =
            axes.isPresent() ? first.map(r -> r + axes.get().length) : Optional.empty();
        if (rank.isPresent() && rank.get() == 1) {
          unsqueezed.addAll(n.outputs());
        }
        yield rank;
      }
      case "Squeeze" -> axes.isPresent() ? first.map(r -> r - axes.get().length) : Optional.empty();
      default ->
          n.opType().startsWith("Reduce") && n.intAttribute("keepdims", 1) == 1
              ? first
              : Optional.empty();
    };
  }
}

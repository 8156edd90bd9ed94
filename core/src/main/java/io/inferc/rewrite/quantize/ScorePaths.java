package io.inferc.rewrite.quantize;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.internal.MatrixLayer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors from which a model's outputs, or its decisions, are computed without a layer between:
 * scores, boxes and what is compared with a threshold. Rare large values are what they are about,
 * so nothing of them may be clipped.
 */
final class ScorePaths {
  private static final Set<String> DECISIONS =
      Set.of(
          "NonMaxSuppression",
          "TopK",
          "ArgMax",
          "ArgMin",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual");

  // Behind these are features and no scores: paths end there.
  private static final Set<String> FEATURES =
      Set.of(
          "Relu",
          "LeakyRelu",
          "PRelu",
          "Elu",
          "Selu",
          "HardSwish",
          "Mish",
          "Gelu",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "GlobalMaxPool",
          "BatchNormalization",
          "InstanceNormalization",
          "GroupNormalization",
          "LayerNormalization",
          "LSTM",
          "GRU",
          "RNN");

  // Sizes do not depend on the values of what they are the sizes of.
  private static final Set<String> SIZES = Set.of("Shape", "Size");

  // A convolution of fewer weights takes an expected value of a distribution, and learned nothing.
  private static final int LEAST_WEIGHTS = 64;

  private final Map<String, Node> producers = new HashMap<>();
  private final Set<String> tensors = new HashSet<>();
  private final Set<Node> layers = new LinkedHashSet<>();
  private final List<Node> heads;
  private boolean joins;
  private boolean suppresses;
  private final Deque<String> open = new ArrayDeque<>();

  private ScorePaths(Graph graph) {
    joins = graph.outputs().size() > 1;
    graph.nodes().forEach(n -> n.outputs().forEach(o -> producers.put(o, n)));
    graph.outputs().stream().map(ValueInfo::name).forEach(open::add);
    for (Node node : graph.nodes()) {
      if (node.domain().isEmpty() && DECISIONS.contains(node.opType())) {
        open.addAll(node.inputs());
        suppresses |= node.opType().equals("NonMaxSuppression");
      }
    }
    while (!open.isEmpty()) {
      visit(graph, open.remove());
    }
    heads = findHeads();
  }

  static ScorePaths of(Graph graph) {
    return new ScorePaths(graph);
  }

  private void visit(Graph graph, String tensor) {
    Node node = producers.get(tensor);
    if (tensor.isEmpty() || !tensors.add(tensor) || node == null) {
      return;
    }
    if (SIZES.contains(node.opType())) {
      return;
    }
    joins |= node.opType().equals("Concat");
    boolean layer = MatrixLayer.is(node);
    if (layer) {
      layers.add(node);
    }
    if (layer ? isSmall(graph, node) : !FEATURES.contains(node.opType())) {
      open.addAll(node.inputs());
    }
  }

  private static boolean isSmall(Graph graph, Node node) {
    return node.input(1)
        .flatMap(graph::initializer)
        .map(Initializer::elementCount)
        .filter(n -> n < LEAST_WEIGHTS)
        .isPresent();
  }

  /**
   * Tells whether nothing of a tensor may be clipped: it leads to an output or a decision, or is
   * one of a detector's, in which rare objects are rare values everywhere.
   */
  boolean contains(String tensor) {
    return tensors.contains(tensor) || !heads().isEmpty();
  }

  /**
   * The last convolutions of a detector: three or more whose results are put together or returned
   * beside each other, or any whose boxes are suppressed. None for other models.
   */
  List<Node> heads() {
    return heads;
  }

  private List<Node> findHeads() {
    List<Node> last = layers.stream().filter(n -> n.opType().startsWith("Conv")).toList();
    return suppresses || (joins && last.size() >= 3) ? last : List.of();
  }
}

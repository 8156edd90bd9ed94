package io.inferc.backend.onnxruntime;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.Dimension;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where ONNX Runtime's answers are others than a model says, on inputs too rare to refuse the model
 * for, and ONNX Runtime does not say so.
 */
final class Doubts {
  /** The opset from which on the last axis is Softmax's, unless it says otherwise. */
  private static final int COUNTS_FROM_THE_END = 13;

  private Doubts() {}

  /** Says each doubt about a model in a sentence or two, with where it applies first. */
  static List<String> of(OnnxModel model) {
    return quantizedSoftmax(model.graph(), model.opset())
        .map(
            n ->
                List.of(
                    "The quantized Softmax '"
                        + n.label()
                        + "' is 0 instead of 1 in ONNX Runtime where its axis has one element. Give"
                        + " it more, or quantize the model with inferc, which leaves Softmax"
                        + " alone."))
        .orElse(List.of());
  }

  /** The first Softmax between DequantizeLinear and QuantizeLinear whose axis may be that short. */
  private static Optional<Node> quantizedSoftmax(Graph graph, int opset) {
    Map<String, Node> makers = new HashMap<>();
    Map<String, Node> quantizers = new HashMap<>();
    for (Node node : graph.nodes()) {
      node.outputs().forEach(name -> makers.put(name, node));
      if (node.opType().equals("QuantizeLinear")) {
        quantizers.put(node.inputs().get(0), node);
      }
    }
    for (Node node : graph.nodes()) {
      if (!node.domain().isEmpty() || !node.opType().equals("Softmax")) {
        continue;
      }
      Node before = makers.get(node.inputs().get(0));
      Node behind = quantizers.get(node.outputs().get(0));
      if (before == null || !before.opType().equals("DequantizeLinear") || behind == null) {
        continue;
      }
      // All of one shape; the first is declared if the model quantizes what it is given.
      Node quantizer = makers.get(before.inputs().get(0));
      List<String> tensors = new ArrayList<>();
      if (quantizer != null) {
        tensors.add(quantizer.inputs().get(0));
      }
      tensors.addAll(
          List.of(
              before.inputs().get(0),
              node.inputs().get(0),
              node.outputs().get(0),
              behind.outputs().get(0)));
      if (mayHaveOneElement(graph, tensors, node.intAttribute("axis", defaultAxis(opset)))) {
        return Optional.of(node);
      }
    }
    return Optional.empty();
  }

  private static long defaultAxis(int opset) {
    return opset < COUNTS_FROM_THE_END ? 1 : -1;
  }

  private static boolean mayHaveOneElement(Graph graph, List<String> tensors, long axis) {
    Optional<List<Dimension>> sizes =
        tensors.stream()
            .flatMap(name -> graph.declared(name).stream())
            .flatMap(spec -> spec.shape().dimensions().stream())
            .findFirst();
    if (sizes.isEmpty()) {
      // Where all sizes are given, one of 1 would have been seen when the model was made.
      return graph.requiredInputs().stream().anyMatch(Doubts::isOpen);
    }
    long along = axis < 0 ? axis + sizes.get().size() : axis;
    return sizes.get().get((int) along).size().orElse(1) == 1;
  }

  private static boolean isOpen(ValueInfo input) {
    return input.tensor().filter(t -> t.shape().isFixed()).isEmpty();
  }
}

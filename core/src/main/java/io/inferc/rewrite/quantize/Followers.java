package io.inferc.rewrite.quantize;

import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.GraphFacts;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.spi.IntegerKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is known of operators without weights that integers can pass or be computed in. */
final class Followers {
  private final IntegerKernels kernels;
  private final GraphFacts facts;

  Followers(IntegerKernels kernels, GraphFacts facts) {
    this.kernels = kernels;
    this.facts = facts;
  }

  /** Tells whether a node's operator has an integer kernel, and is no layer with weights. */
  boolean is(Node node) {
    return node.domain().isEmpty()
        && kernels.operators().contains(node.opType())
        && !MatrixLayer.is(node)
        && !moves(node);
  }

  /** Says why the integer kernel of a node's operator does not compute what the node does. */
  Optional<String> refusal(Node node) {
    return kernels.kernelRules().refusal(facts.use(node));
  }

  /** Tells whether integers pass through a node that only moves or selects them. */
  boolean isTransparent(Node node) {
    return moves(node) && refusal(node).isEmpty();
  }

  /** Tells whether a node only moves or selects elements of its first input. */
  boolean moves(Node node) {
    if (!node.domain().isEmpty() || node.inputs().isEmpty()) {
      return false;
    }
    boolean declared = kernels.transparentOperators().contains(node.opType());
    return switch (node.opType()) {
      case "Split" -> declared || kernels.operators().contains("Split");
      case "MaxPool" -> declared && node.outputs().size() == 1;
      case "Resize" ->
          declared
              && node.attribute("mode").map(a -> a.asString().equals("nearest")).orElse(true)
              && !node.attribute("coordinate_transformation_mode")
                  .map(a -> a.asString().equals("tf_crop_and_resize"))
                  .orElse(false);
      default -> declared;
    };
  }

  /** The range of what a node gives whatever it reads: rare values must not be cut off. */
  static Optional<TensorRange> always(Node node) {
    if (!node.domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (node.opType()) {
      case "Softmax", "Sigmoid", "HardSigmoid" -> Optional.of(TensorRange.observed(0, 1));
      case "Tanh", "Softsign", "Erf", "Sin", "Cos" -> Optional.of(TensorRange.observed(-1, 1));
      default -> Optional.empty();
    };
  }

  /**
   * Tells whether a node's result lies between bounds that it sets itself, which integers with an
   * exact zero can end at.
   */
  static boolean isRectifier(GraphEditor graph, Node node) {
    if (!node.domain().isEmpty()) {
      return false;
    }
    return switch (node.opType()) {
      case "Relu" -> true;
      case "Clip" ->
          hasConstantBounds(graph, node)
              && lowBound(graph, node) <= 0
              && highBound(graph, node) >= 0
              && lowBound(graph, node) < highBound(graph, node);
      default -> false;
    };
  }

  private static boolean hasConstantBounds(GraphEditor graph, Node clip) {
    return clip.inputs().stream()
        .skip(1)
        .allMatch(b -> b.isEmpty() || Constants.floats(graph, b).isPresent());
  }

  /** The inputs that hold the numbers a node computes with. */
  static List<String> operands(Node node) {
    int from = node.opType().equals("Where") ? 1 : 0;
    int to =
        switch (node.opType()) {
          case "Concat" -> node.inputs().size();
          case "Add", "Sub", "Mul", "Div" -> 2;
          case "Where" -> 3;
          default -> 1;
        };
    List<String> operands = new ArrayList<>();
    for (int i = from; i < to; i++) {
      if (!operands.contains(node.inputs().get(i))) {
        operands.add(node.inputs().get(i));
      }
    }
    return operands;
  }

  /** Narrows a range by what the node that makes the tensor can give at all. */
  static TensorRange bounded(GraphEditor graph, Node producer, TensorRange range) {
    if (producer.opType().equals("Relu")) {
      return clamped(range, 0, Float.POSITIVE_INFINITY);
    }
    if (producer.opType().equals("Clip")) {
      return clamped(range, lowBound(graph, producer), highBound(graph, producer));
    }
    return range;
  }

  /** The constant below which a Clip gives nothing, or minus infinity. */
  static float lowBound(GraphEditor graph, Node clip) {
    return bound(graph, clip, 1, Float.NEGATIVE_INFINITY);
  }

  /** The constant above which a Clip gives nothing, or infinity. */
  static float highBound(GraphEditor graph, Node clip) {
    return bound(graph, clip, 2, Float.POSITIVE_INFINITY);
  }

  private static float bound(GraphEditor graph, Node clip, int input, float otherwise) {
    Optional<Initializer> constant = clip.input(input).flatMap(c -> Constants.floats(graph, c));
    return constant.filter(c -> c.elementCount() == 1).map(c -> c.floats()[0]).orElse(otherwise);
  }

  private static TensorRange clamped(TensorRange range, float low, float high) {
    float min = Math.max(low, Math.min(high, range.min()));
    float max = Math.max(low, Math.min(high, range.max()));
    return Float.isFinite(min) && Float.isFinite(max)
        ? new TensorRange(
            min, max, range.observedMin(), range.observedMax(), range.constant(), range.masked())
        : range;
  }
}

package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Tells which nodes give out what they take in. */
final class NoOperation {
  /** From here on, an end of a slice means the end of any dimension. */
  private static final long BEYOND = Integer.MAX_VALUE;

  private final GraphView view;

  NoOperation(GraphView view) {
    this.view = view;
  }

  /**
   * Tells whether a node changes nothing.
   *
   * @param original the node as the graph declares types and shapes for it
   * @param node the node as it is now
   */
  boolean is(Node original, Node node) {
    if (node.input(0).isEmpty() || node.outputs().get(0).isEmpty()) {
      return false;
    }
    return switch (node.opType()) {
      case "Identity" -> true;
      case "Dropout" -> dropout(node);
      case "Cast" -> cast(original, node);
      case "Transpose" -> transpose(original, node);
      case "Reshape" -> reshape(original, node);
      case "Pad" -> pad(node);
      case "Slice" -> slice(original, node);
      default -> false;
    };
  }

  /** Before opset 7 an attribute told training from inference, and from 12 an input does. */
  private boolean dropout(Node node) {
    if (view.scope().opset() < 7) {
      return false;
    }
    boolean maskIsRead =
        node.outputs().size() > 1
            && !node.outputs().get(1).isEmpty()
            && (view.isOutput(node.outputs().get(1))
                || view.editor().consumerCount(node.outputs().get(1)) > 0);
    if (maskIsRead) {
      view.scope().leftAlone(node, "The Dropout was left alone: its mask is read.");
      return false;
    }
    if (node.input(2).isEmpty()) {
      return true;
    }
    Optional<Initializer> training = view.constant(node, 2);
    if (training.isEmpty() || training.get().longs()[0] != 0) {
      view.scope().leftAlone(node, "The Dropout was left alone: it may be in training mode.");
      return false;
    }
    return true;
  }

  private Optional<TensorSpec> declaredInput(Node original, Node node) {
    // What a removed node gave out and what it took in are the same, so either will do.
    Optional<TensorSpec> before = original.input(0).flatMap(view::declared);
    return before.isPresent() ? before : node.input(0).flatMap(view::declared);
  }

  private boolean cast(Node original, Node node) {
    Optional<DataType> from = declaredInput(original, node).map(TensorSpec::type);
    if (from.isEmpty()) {
      from = node.input(0).flatMap(view.editor()::producer).flatMap(NoOperation::knownType);
    }
    return from.isPresent() && from.get().onnxCode() == node.intAttribute("to", 0);
  }

  /** The type that an operator always gives out. */
  private static Optional<DataType> knownType(Node node) {
    if (GraphView.is(node, "Cast")) {
      return DataType.fromOnnxCode((int) node.intAttribute("to", 0));
    }
    return GraphView.is(node, "Shape") || GraphView.is(node, "Size")
        ? Optional.of(DataType.INT64)
        : Optional.empty();
  }

  private boolean transpose(Node original, Node node) {
    Optional<long[]> order = node.attribute("perm").map(Attribute::asInts);
    if (order.isEmpty()) {
      return dimensions(original, node).map(d -> d.size() <= 1).orElse(false);
    }
    for (int i = 0; i < order.get().length; i++) {
      if (order.get()[i] != i) {
        return false;
      }
    }
    return true;
  }

  private Optional<List<Dimension>> dimensions(Node original, Node node) {
    return declaredInput(original, node).flatMap(s -> s.shape().dimensions());
  }

  /**
   * A reshape changes nothing if every entry of the shape but at most one is known to be the size
   * that is there: then the number of elements leaves no choice for that one.
   */
  private boolean reshape(Node original, Node node) {
    Optional<long[]> shape = view.longs(node, 1);
    Optional<List<Dimension>> dimensions = dimensions(original, node);
    if (shape.isEmpty()
        || dimensions.isEmpty()
        || dimensions.get().size() != shape.get().length
        || shape.get().length == 0) {
      return shape.isPresent()
          && dimensions.isPresent()
          && shape.get().length == 0
          && dimensions.get().isEmpty();
    }
    boolean zeroMeansZero = node.intAttribute("allowzero", 0) != 0;
    int inferred = 0;
    for (int i = 0; i < shape.get().length; i++) {
      long wanted = shape.get()[i];
      OptionalLong size = dimensions.get().get(i).size();
      boolean kept = wanted == 0 && !zeroMeansZero;
      boolean same = size.isPresent() && size.getAsLong() == wanted;
      if (wanted == -1) {
        inferred++;
      } else if (!kept && !same) {
        return false;
      }
    }
    return inferred <= 1;
  }

  private boolean pad(Node node) {
    Optional<long[]> pads = node.attribute("pads").map(Attribute::asInts);
    if (pads.isEmpty()) {
      pads = view.longs(node, 1);
    }
    return pads.isPresent() && Arrays.stream(pads.get()).allMatch(p -> p == 0);
  }

  private boolean slice(Node original, Node node) {
    // Before opset 10 the bounds were attributes.
    Optional<long[]> starts = bounds(node, "starts", 1);
    Optional<long[]> ends = bounds(node, "ends", 2);
    if (starts.isEmpty() || ends.isEmpty() || Arrays.stream(starts.get()).anyMatch(s -> s != 0)) {
      return false;
    }
    if (node.input(4).isPresent()
        && !view.longs(node, 4).map(s -> Arrays.stream(s).allMatch(v -> v == 1)).orElse(false)) {
      return false;
    }
    Optional<long[]> axes = bounds(node, "axes", 3);
    if (axes.isEmpty() && node.input(3).isPresent()) {
      return false;
    }
    Optional<List<Dimension>> dimensions = dimensions(original, node);
    for (int i = 0; i < ends.get().length; i++) {
      long end = ends.get()[i];
      long axis = axes.isPresent() ? axes.get()[i] : i;
      if (end < BEYOND && !(dimensions.isPresent() && covers(end, axis, dimensions.get()))) {
        return false;
      }
    }
    return true;
  }

  private Optional<long[]> bounds(Node node, String name, int input) {
    Optional<long[]> attribute = node.attribute(name).map(Attribute::asInts);
    return attribute.isPresent() ? attribute : view.longs(node, input);
  }

  private static boolean covers(long end, long axis, List<Dimension> dimensions) {
    int index = (int) (axis < 0 ? axis + dimensions.size() : axis);
    if (index < 0 || index >= dimensions.size()) {
      return false;
    }
    OptionalLong size = dimensions.get(index).size();
    return size.isPresent() && size.getAsLong() <= end;
  }
}

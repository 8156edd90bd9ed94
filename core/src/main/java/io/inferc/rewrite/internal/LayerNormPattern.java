package io.inferc.rewrite.internal;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Layer normalization over the last axis, written out: {@code (x - mean(x)) / sqrt(mean((x -
 * mean(x))^2) + epsilon) * scale + bias}.
 *
 * @param nodes all its nodes, the first mean first and the one that makes the result last
 * @param input the tensor that is normalized
 * @param scale a constant of one dimension
 * @param bias a constant of the same size, or empty
 * @param epsilon what is added to the variance
 */
@SuppressWarnings("ReferenceEquality") // Nodes of one graph are told by identity.
public record LayerNormPattern(
    List<Node> nodes, String input, String scale, Optional<String> bias, float epsilon) {
  /** The node that makes the result. */
  public Node last() {
    return nodes.get(nodes.size() - 1);
  }

  /** All other nodes. */
  public List<Node> inner() {
    return nodes.subList(0, nodes.size() - 1);
  }

  /**
   * Finds the pattern.
   *
   * @param mean a ReduceMean that may be its first node
   * @return the pattern, or empty if a part is missing, or a tensor in the middle is read elsewhere
   * @throws CannotFoldException if everything is there, but the mean may run over another axis
   */
  public static Optional<LayerNormPattern> match(Node mean, GraphView view) {
    return new Matcher(view).match(mean);
  }

  /** Follows the nodes one by one. */
  private static final class Matcher {
    private final GraphView view;
    private final List<Node> nodes = new ArrayList<>();

    Matcher(GraphView view) {
      this.view = view;
    }

    Optional<LayerNormPattern> match(Node mean) {
      if (mean.input(0).isEmpty() || mean.intAttribute("keepdims", 1) != 1) {
        return Optional.empty();
      }
      nodes.add(mean);
      String x = mean.inputs().get(0);
      Optional<Node> centered =
          view.soleReader(mean, "Sub").filter(s -> s.inputs().get(0).equals(x));
      return centered.flatMap(c -> fromCentered(x, c));
    }

    private Optional<LayerNormPattern> fromCentered(String x, Node centered) {
      nodes.add(centered);
      String d = centered.outputs().get(0);
      if (view.isOutput(d) || view.editor().consumerCount(d) != 2) {
        return Optional.empty();
      }
      List<Node> readers = view.editor().consumers(d);
      Node square = isSquare(readers.get(0), d) ? readers.get(0) : readers.get(1);
      Node divided = readers.get(0) == square ? readers.get(1) : readers.get(0);
      if (!isSquare(square, d)
          || !GraphView.is(divided, "Div")
          || !divided.inputs().get(0).equals(d)) {
        return Optional.empty();
      }
      nodes.add(square);
      Optional<Node> variance =
          view.soleReader(square, "ReduceMean").filter(v -> v.intAttribute("keepdims", 1) == 1);
      Optional<Node> sum = variance.flatMap(v -> next(v, "Add"));
      Optional<Node> root = sum.flatMap(s -> next(s, "Sqrt"));
      boolean divides = root.flatMap(r -> next(r, "Div")).filter(n -> n == divided).isPresent();
      if (!divides) {
        return Optional.empty();
      }
      nodes.add(divided);
      return scaled(x, divided, variance.orElseThrow(), sum.orElseThrow());
    }

    /** Notes the node and goes on to its only reader. */
    private Optional<Node> next(Node node, String operator) {
      nodes.add(node);
      return view.soleReader(node, operator);
    }

    private boolean isSquare(Node node, String d) {
      if (GraphView.is(node, "Mul")) {
        return node.inputs().get(0).equals(d) && node.inputs().get(1).equals(d);
      }
      return GraphView.is(node, "Pow")
          && node.inputs().get(0).equals(d)
          && view.isScalar(node, 1, 2, 0);
    }

    private Optional<LayerNormPattern> scaled(String x, Node divided, Node variance, Node sum) {
      String v = variance.outputs().get(0);
      OptionalDouble epsilon = view.scalar(sum, sum.inputs().get(0).equals(v) ? 1 : 0);
      Optional<Node> mul = view.soleReader(divided, "Mul");
      Optional<String> scale =
          mul.map(m -> GraphView.other(m, divided.outputs().get(0))).filter(this::isVector);
      if (epsilon.isEmpty() || scale.isEmpty()) {
        return Optional.empty();
      }
      nodes.add(mul.orElseThrow());
      long width = size(scale.get());
      requireLastAxis(nodes.get(0), x);
      requireLastAxis(variance, x);
      if (view.shapes().lastDimension(x).orElse(-1) != width) {
        throw new CannotFoldException("its scale may not have the size of the last axis.");
      }
      if (view.raisesRank(List.of(sum), x)) {
        throw new CannotFoldException("its epsilon may have more dimensions than x.");
      }
      Optional<Node> add = view.soleReader(mul.get(), "Add");
      Optional<String> bias =
          add.map(a -> GraphView.other(a, mul.get().outputs().get(0)))
              .filter(this::isVector)
              .filter(b -> size(b) == width);
      if (bias.isPresent()) {
        nodes.add(add.orElseThrow());
      }
      return Optional.of(
          new LayerNormPattern(
              List.copyOf(nodes), x, scale.get(), bias, (float) epsilon.getAsDouble()));
    }

    private boolean isVector(String tensor) {
      return view.constant(tensor)
          .filter(c -> c.type() == DataType.FLOAT32 && c.dims().length == 1)
          .isPresent();
    }

    private long size(String vector) {
      return view.constant(vector).map(Initializer::elementCount).orElse(0L);
    }

    private void requireLastAxis(Node reduction, String x) {
      Optional<long[]> axes = view.axes(reduction);
      long axis = axes.isPresent() && axes.get().length == 1 ? axes.get()[0] : 0;
      boolean last = axis == -1 || view.rank(x).map(r -> r == axis + 1).orElse(false);
      if (axes.isEmpty() || axes.get().length != 1 || !last) {
        throw new CannotFoldException("it may not run over the last axis alone.");
      }
    }
  }
}

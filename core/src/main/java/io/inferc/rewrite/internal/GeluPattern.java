package io.inferc.rewrite.internal;

import io.inferc.onnx.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gelu, written out: {@code 0.5 x (1 + erf(x / sqrt 2))}, or with tanh {@code 0.5 x (1 +
 * tanh(sqrt(2 / pi) (x + 0.044715 x^3)))}, the products in any order (Hendrycks and Gimpel,
 * "Gaussian error linear units", 2016).
 *
 * @param nodes all its nodes, the one that makes the result last
 * @param input the tensor it is applied to
 * @param tanh whether it is the approximation by tanh
 */
public record GeluPattern(List<Node> nodes, String input, boolean tanh) {
  private static final double EXACT = 1e-6;

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
   * @param middle an Erf or Tanh that may be in its middle
   * @return the pattern, or empty
   */
  public static Optional<GeluPattern> match(Node middle, GraphView view) {
    return new Matcher(view).match(middle);
  }

  /** Follows the nodes one by one. */
  private static final class Matcher {
    private final GraphView view;
    private final List<Node> nodes = new ArrayList<>();

    Matcher(GraphView view) {
      this.view = view;
    }

    Optional<GeluPattern> match(Node middle) {
      boolean tanh = GraphView.is(middle, "Tanh");
      Optional<String> x = tanh ? insideTanh(middle) : insideErf(middle);
      nodes.add(middle);
      return x.filter(i -> outside(middle, i))
          .map(i -> new GeluPattern(List.copyOf(nodes), i, tanh));
    }

    /** Gives x of {@code x / sqrt 2} or {@code x sqrt 0.5}. */
    private Optional<String> insideErf(Node erf) {
      Optional<Node> scaled = inner(erf, 0);
      if (scaled.isPresent()
          && GraphView.is(scaled.get(), "Div")
          && view.isScalar(scaled.get(), 1, Math.sqrt(2), EXACT)) {
        return scaled.get().input(0);
      }
      return scaled.flatMap(s -> factor(s, Math.sqrt(0.5)));
    }

    /** Gives x of {@code sqrt(2 / pi) (x + 0.044715 x^3)}. */
    private Optional<String> insideTanh(Node tanh) {
      Optional<Node> sum =
          inner(tanh, 0)
              .flatMap(s -> factor(s, Math.sqrt(2 / Math.PI)).flatMap(this::soleProducer))
              .filter(s -> GraphView.is(s, "Add"));
      if (sum.isEmpty()) {
        return Optional.empty();
      }
      for (int i = 0; i < 2; i++) {
        String x = sum.get().inputs().get(i);
        Optional<Node> small = soleProducer(sum.get().inputs().get(1 - i));
        Optional<Node> cube = small.flatMap(s -> factor(s, 0.044715)).flatMap(this::soleProducer);
        if (cube.isPresent() && isCube(cube.get(), x)) {
          nodes.add(cube.get());
          nodes.add(small.get());
          nodes.add(sum.get());
          return Optional.of(x);
        }
      }
      return Optional.empty();
    }

    private boolean isCube(Node node, String x) {
      if (GraphView.is(node, "Pow")) {
        return node.inputs().get(0).equals(x) && view.isScalar(node, 1, 3, 0);
      }
      if (!GraphView.is(node, "Mul") || !node.inputs().contains(x)) {
        return false;
      }
      Optional<Node> square = soleProducer(GraphView.other(node, x));
      boolean squared =
          square.isPresent()
              && GraphView.is(square.get(), "Mul")
              && square.get().inputs().get(0).equals(x)
              && square.get().inputs().get(1).equals(x);
      square.filter(s -> squared).ifPresent(nodes::add);
      return squared;
    }

    /** The node that makes an input which nothing else reads; it belongs to the pattern. */
    private Optional<Node> inner(Node node, int input) {
      Optional<Node> producer = node.input(input).flatMap(this::soleProducer);
      producer.ifPresent(nodes::add);
      return producer;
    }

    private Optional<Node> soleProducer(String tensor) {
      return view.soleReader(tensor).flatMap(r -> view.editor().producer(tensor));
    }

    /** Gives x of {@code x c} for a known c. */
    private Optional<String> factor(Node product, double c) {
      if (!GraphView.is(product, "Mul")) {
        return Optional.empty();
      }
      if (view.isScalar(product, 1, c, EXACT)) {
        return product.input(0);
      }
      return view.isScalar(product, 0, c, EXACT) ? product.input(1) : Optional.empty();
    }

    /** Follows {@code 0.5 x (1 + middle)} from the middle on. */
    private boolean outside(Node middle, String x) {
      Optional<Node> sum =
          view.soleReader(middle, "Add")
              .filter(a -> view.isScalar(a, 1, 1, 0) || view.isScalar(a, 0, 1, 0));
      Optional<Node> product = sum.flatMap(s -> view.soleReader(s, "Mul"));
      if (product.isEmpty()) {
        return false;
      }
      nodes.add(sum.get());
      String other = GraphView.other(product.get(), sum.get().outputs().get(0));
      Optional<Node> half =
          soleProducer(other).filter(h -> factor(h, 0.5).filter(x::equals).isPresent());
      if (half.isPresent()) {
        nodes.add(half.get());
        return nodes.add(product.get());
      }
      nodes.add(product.get());
      Optional<Node> last = view.soleReader(product.get(), "Mul");
      boolean halvedFirst = factor(product.get(), 0.5).isPresent();
      boolean complete =
          last.isPresent()
              && (halvedFirst
                  ? GraphView.other(last.get(), product.get().outputs().get(0)).equals(x)
                  : other.equals(x) && factor(last.get(), 0.5).isPresent());
      last.filter(l -> complete).ifPresent(nodes::add);
      return complete;
    }
  }
}

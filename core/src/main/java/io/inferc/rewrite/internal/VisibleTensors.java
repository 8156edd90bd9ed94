package io.inferc.rewrite.internal;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tensors that the nodes of a graph see: its own first, then those of the graphs around it.
 *
 * @param graph the graph
 * @param outer what the graph around it sees, or null for the main graph
 */
public record VisibleTensors(GraphEditor graph, @Nullable VisibleTensors outer) {
  private static final Set<String> DRAWN = Set.of("Multinomial", "Bernoulli", "Dropout");

  public static VisibleTensors of(GraphEditor main) {
    return new VisibleTensors(main, null);
  }

  /** The graph that gives a tensor its name, or empty if there is none. */
  private Optional<GraphEditor> owner(String tensor) {
    if (tensor.isEmpty()) {
      return Optional.empty();
    }
    for (VisibleTensors t = this; t != null; t = t.outer) {
      if (t.graph.isInput(tensor)
          || t.graph.initializer(tensor).isPresent()
          || t.graph.producer(tensor).isPresent()) {
        return Optional.of(t.graph);
      }
    }
    return Optional.empty();
  }

  /** Returns an initializer that nobody can override, or what a Constant node makes. */
  public Optional<Initializer> constant(String tensor) {
    return owner(tensor).flatMap(g -> Constants.find(g, tensor));
  }

  /** Returns the node that makes a tensor. */
  Optional<Node> producer(String tensor) {
    return owner(tensor).flatMap(g -> g.producer(tensor));
  }

  /** Tells whether a tensor is the same in every run since constants alone are behind it. */
  boolean isFixed(String tensor) {
    Deque<String> open = new ArrayDeque<>(List.of(tensor));
    Set<String> seen = new HashSet<>();
    while (!open.isEmpty()) {
      String next = open.pop();
      if (next.isEmpty() || !seen.add(next) || constant(next).isPresent()) {
        continue;
      }
      Optional<Node> producer = producer(next);
      if (producer.isEmpty() || producer.get().hasSubgraphs() || isDrawn(producer.get())) {
        return false;
      }
      open.addAll(producer.get().inputs());
    }
    return true;
  }

  private static boolean isDrawn(Node node) {
    return node.opType().startsWith("Random")
        || DRAWN.contains(node.opType())
        || !node.domain().isEmpty();
  }

  /** Tells whether a tensor is a constant that a caller may give another value. */
  boolean isOverridable(String tensor) {
    return owner(tensor)
        .filter(g -> g.isInput(tensor) && g.initializer(tensor).isPresent())
        .isPresent();
  }
}

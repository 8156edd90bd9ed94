package io.inferc.onnx;

import java.util.HashSet;
import java.util.Set;

/**
 * The names that two graphs of a model give to tensors of their own, as the branches of an If may:
 * what is known of one such tensor need not hold for the other.
 */
final class RepeatedNames {
  private final Set<String> seen = new HashSet<>();
  private final Set<String> repeated = new HashSet<>();

  private RepeatedNames() {}

  static Set<String> of(Graph graph) {
    RepeatedNames names = new RepeatedNames();
    names.collect(graph);
    return names.repeated;
  }

  private void collect(Graph graph) {
    for (String name : graph.definedNames()) {
      if (!seen.add(name)) {
        repeated.add(name);
      }
    }
    for (Node node : graph.nodes()) {
      node.subgraphs().forEach(this::collect);
    }
  }
}

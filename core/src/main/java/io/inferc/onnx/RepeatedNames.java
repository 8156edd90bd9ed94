package io.inferc.onnx;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds names that a graph and its subgraphs define more than once: two branches may use one name
 * for tensors that have nothing in common.
 */
final class RepeatedNames {
  private final Set<String> seen = new HashSet<>();
  private final Set<String> repeated = new HashSet<>();

  /** Takes the names of a graph, not those of its subgraphs. */
  void add(Graph graph) {
    for (String name : graph.definedNames()) {
      if (!seen.add(name)) {
        repeated.add(name);
      }
    }
  }

  /** Returns the names that came more than once so far. */
  Set<String> names() {
    return Collections.unmodifiableSet(repeated);
  }
}

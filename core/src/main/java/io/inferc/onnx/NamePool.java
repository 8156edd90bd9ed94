package io.inferc.onnx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The names of tensors and nodes that are in use in a graph. Those of subgraphs count, since a name
 * must neither hide one of theirs nor be hidden by it.
 */
final class NamePool {
  private final Set<String> taken = new HashSet<>();
  private final Set<String> promised = new HashSet<>();
  private final Map<String, Integer> counters = new HashMap<>();

  void addAll(Graph graph) {
    taken.addAll(graph.definedNames());
    graph.outputs().forEach(o -> taken.add(o.name()));
    graph.nodes().forEach(this::add);
  }

  void add(Node node) {
    taken.add(node.name());
    taken.addAll(node.inputs());
    taken.addAll(node.outputs());
    node.subgraphs().forEach(this::addAll);
  }

  void add(String name) {
    taken.add(name);
  }

  boolean contains(String name) {
    return taken.contains(name);
  }

  /** Takes a name that is free or was given out by {@link #fresh}; false if it is in use. */
  boolean claim(String name) {
    return promised.remove(name) || taken.add(name);
  }

  /** Gives out a name that nothing has. */
  String fresh(String hint) {
    String name = hint;
    while (name.isEmpty() || !taken.add(name)) {
      // The count goes on where it was, or many names of one hint would take quadratic time.
      name = hint + "_" + counters.merge(hint, 1, Integer::sum);
    }
    promised.add(name);
    return name;
  }
}

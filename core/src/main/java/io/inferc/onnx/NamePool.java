package io.inferc.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names of tensors and nodes that are in use in a graph. Those of subgraphs count, since a name
 * must neither hide one of theirs nor be hidden by it.
 */
final class NamePool {
  private final Graph graph;
  private final List<Node> addedNodes = new ArrayList<>();
  private final List<String> addedNames = new ArrayList<>();
  private final Set<String> promised = new HashSet<>();
  private final Map<String, Integer> counters = new HashMap<>();
  // Made when a name is first asked for: many edits of large graphs need none.
  private @Nullable Set<String> taken;

  NamePool(Graph graph) {
    this.graph = graph;
  }

  private Set<String> taken() {
    Set<String> names = taken;
    if (names == null) {
      names = new HashSet<>(4 * graph.nodes().size());
      addAll(graph, names);
      for (Node node : addedNodes) {
        add(node, names);
      }
      names.addAll(addedNames);
      taken = names;
    }
    return names;
  }

  private static void addAll(Graph graph, Set<String> names) {
    graph.inputs().forEach(v -> names.add(v.name()));
    graph.outputs().forEach(v -> names.add(v.name()));
    graph.initializers().forEach(i -> names.add(i.name()));
    graph.sparseInitializers().forEach(s -> names.add(s.name()));
    graph.nodes().forEach(n -> add(n, names));
  }

  private static void add(Node node, Set<String> names) {
    names.add(node.name());
    names.addAll(node.inputs());
    names.addAll(node.outputs());
    node.subgraphs().forEach(g -> addAll(g, names));
  }

  void add(Node node) {
    if (taken == null) {
      addedNodes.add(node);
    } else {
      add(node, taken);
    }
  }

  /** Adds a node that stands for another one, of whose names most are the very same. */
  void addNew(Node former, Node node) {
    Set<String> names = taken;
    if (names == null || node.hasSubgraphs()) {
      add(node);
      return;
    }
    names.add(node.name());
    addNew(former.inputs(), node.inputs(), names);
    addNew(former.outputs(), node.outputs(), names);
  }

  @SuppressWarnings("ReferenceEquality") // Equal names that are not the same are added again.
  private static void addNew(List<String> former, List<String> now, Set<String> names) {
    for (int i = 0; i < now.size(); i++) {
      String name = now.get(i);
      if (i >= former.size() || former.get(i) != name) {
        names.add(name);
      }
    }
  }

  void add(String name) {
    if (taken == null) {
      addedNames.add(name);
    } else {
      taken.add(name);
    }
  }

  boolean contains(String name) {
    return taken().contains(name);
  }

  /** Takes a name that is free or was given out by {@link #fresh}; false if it is in use. */
  boolean claim(String name) {
    return promised.remove(name) || taken().add(name);
  }

  /** Gives out a name that nothing has. */
  String fresh(String hint) {
    String name = hint;
    while (name.isEmpty() || !taken().add(name)) {
      // The count goes on where it was, or many names of one hint would take quadratic time.
      name = hint + "_" + counters.merge(hint, 1, Integer::sum);
    }
    promised.add(name);
    return name;
  }
}

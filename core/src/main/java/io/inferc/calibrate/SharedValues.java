package io.inferc.calibrate;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tensors that hold the very values of another one in another order or shape, and so have its range
 * whatever the observer: one of them is observed for all.
 */
final class SharedValues {
  private static final Set<String> MOVES =
      Set.of(
          "Identity",
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Transpose",
          "DepthToSpace",
          "SpaceToDepth");

  private final Map<String, String> observed = new LinkedHashMap<>();

  /**
   * Decides which tensors are observed.
   *
   * @param graph the graph, in topological order
   * @param names the tensors whose ranges are asked for, in the order of the graph
   * @param themselves those that must be observed themselves, since more is asked of them
   */
  SharedValues(Graph graph, List<String> names, Set<String> themselves) {
    Map<String, String> sources = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (MOVES.contains(node.opType()) && node.domain().isEmpty()) {
        String input = node.inputs().get(0);
        sources.put(node.outputs().get(0), sources.getOrDefault(input, input));
      }
    }
    Map<String, String> first = new HashMap<>();
    themselves.forEach(name -> first.put(sources.getOrDefault(name, name), name));
    for (String name : names) {
      String source = sources.getOrDefault(name, name);
      String one = first.computeIfAbsent(source, s -> name);
      observed.put(name, themselves.contains(name) ? name : one);
    }
  }

  /** Returns the tensors to observe, in the order of the graph. */
  List<String> observed() {
    List<String> itself = new ArrayList<>();
    observed.forEach(
        (name, by) -> {
          if (name.equals(by)) {
            itself.add(name);
          }
        });
    return itself;
  }

  /** Returns for each tensor whose range is asked for the one that is observed for it. */
  Map<String, String> observers() {
    return observed;
  }
}

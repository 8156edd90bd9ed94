package io.inferc.shape.internal;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the values of a graph that may be absent, which runtimes do not return to Java. */
final class OptionalValues {
  private final Set<String> found;

  private OptionalValues(Set<String> outer) {
    found = new HashSet<>(outer);
  }

  /** Returns the names of what the main graph reads and makes of that kind. */
  static Set<String> of(Graph graph) {
    OptionalValues values = new OptionalValues(Set.of());
    values.visit(graph);
    return values.found;
  }

  private void visit(Graph graph) {
    for (List<ValueInfo> declared : List.of(graph.inputs(), graph.valueInfos(), graph.outputs())) {
      declared.stream()
          .filter(v -> v.kind().equals("optional"))
          .map(ValueInfo::name)
          .forEach(found::add);
    }
    graph.nodes().stream().filter(n -> n.domain().isEmpty()).forEach(this::visit);
  }

  private void visit(Node node) {
    boolean makes =
        switch (node.opType()) {
          case "Optional" -> true;
          case "Identity" -> found.contains(node.inputs().get(0));
          default -> false;
        };
    if (makes) {
      found.addAll(node.outputs());
    }
    for (Attribute attribute : node.attributes()) {
      if (attribute.kind() == Attribute.Kind.GRAPH) {
        returned(node, attribute.asGraph());
      }
    }
  }

  /** If returns what its graphs do; Loop keeps the condition that its graph returns first. */
  private void returned(Node node, Graph body) {
    OptionalValues inner = new OptionalValues(found);
    inner.visit(body);
    int skipped = node.opType().equals("Loop") ? 1 : 0;
    for (int i = 0; i < node.outputs().size() && i + skipped < body.outputs().size(); i++) {
      if (inner.found.contains(body.outputs().get(i + skipped).name())) {
        found.add(node.outputs().get(i));
      }
    }
  }
}

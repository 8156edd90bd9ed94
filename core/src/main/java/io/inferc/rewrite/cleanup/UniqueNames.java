package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives every node of a model a name of its own, also inside of If, Loop and Scan, so that plans
 * and reports can refer to it. Nodes without a name take that of their first output; of nodes that
 * share a name, the first keeps it, and those of the main graph come first.
 */
public final class UniqueNames implements GraphPass {
  /** Creates the pass. */
  public UniqueNames() {}

  @Override
  public String name() {
    return "unique-names";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Set<String> taken = new HashSet<>(2 * model.graph().nodes().size());
    Map<String, Integer> counters = new HashMap<>();
    return ModelRewrite.outerFirst(
        this, model, log, (graph, scope) -> rename(graph, scope, taken, counters));
  }

  private static Graph rename(
      Graph graph, GraphScope scope, Set<String> taken, Map<String, Integer> counters) {
    List<Node> unnamed = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!taken.add(node.name()) || node.name().isBlank()) {
        unnamed.add(node);
      }
    }
    if (unnamed.isEmpty()) {
      return graph;
    }
    GraphEditor editor = graph.edit();
    for (Node node : unnamed) {
      Node named = node.toBuilder().name(free(hint(node), taken, counters)).build();
      taken.add(named.name());
      editor.replace(node, named);
      scope.changed(named, "The node was given a name, since it had none of its own.");
    }
    return editor.build();
  }

  private static String hint(Node node) {
    if (!node.name().isBlank()) {
      return node.name();
    }
    return node.outputs().stream().filter(o -> !o.isEmpty()).findFirst().orElse(node.opType());
  }

  private static String free(String hint, Set<String> taken, Map<String, Integer> counters) {
    String name = hint;
    while (taken.contains(name)) {
      // The count goes on where it was, or many nodes of one name would take quadratic time.
      name = hint + "_" + counters.merge(hint, 1, Integer::sum);
    }
    return name;
  }
}

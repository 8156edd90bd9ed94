package io.inferc.rewrite;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives every node of the main graph a name of its own, so that plans and reports can refer to it.
 * Nodes without a name take that of their first output; of nodes that share a name, the first keeps
 * it.
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
    List<Node> unnamed = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      if (!taken.add(node.name()) || node.name().isBlank()) {
        unnamed.add(node);
      }
    }
    if (unnamed.isEmpty()) {
      return model;
    }
    Map<String, Integer> counters = new HashMap<>();
    GraphEditor editor = model.graph().edit();
    for (Node node : unnamed) {
      String name = free(hint(node), taken, counters);
      taken.add(name);
      editor.replace(node, node.toBuilder().name(name).build());
      log.changed(this, name, "The node was given a name, since it had none of its own.");
    }
    return model.withGraph(editor.build());
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

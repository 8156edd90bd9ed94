package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Removes the nodes and constants that no output of the graph depends on. What graphs inside nodes
 * read from outside counts as read.
 *
 * <p>Inputs stay, read or not, and so do constants that callers may replace (those that are inputs
 * too, from IR version 4): both are part of what the model promises.
 */
public final class DeadNodeElimination implements GraphPass {
  /** Creates the pass. */
  public DeadNodeElimination() {}

  @Override
  public String name() {
    return "remove-dead-nodes";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return ModelRewrite.innerFirst(this, model, log, DeadNodeElimination::rewrite);
  }

  private static Graph rewrite(Graph graph, GraphScope scope) {
    Set<String> read = new HashSet<>(4 * graph.nodes().size());
    graph.outputs().forEach(o -> read.add(o.name()));
    GraphEditor editor = null;
    List<Node> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (anyRead(node.outputs(), read)) {
        read.addAll(node.hasSubgraphs() ? node.reads() : node.inputs());
      } else {
        editor = editor == null ? graph.edit() : editor;
        editor.remove(node);
        scope.changed(node, "The node was removed: nothing reads what it makes.");
      }
    }
    for (Initializer constant : graph.initializers()) {
      String name = constant.name();
      if (!read.contains(name) && !scope.isOverridable(name)) {
        editor = editor == null ? graph.edit() : editor;
        editor.removeInitializer(name).removeValueInfo(name);
      }
    }
    return editor == null ? graph : editor.build();
  }

  private static boolean anyRead(List<String> outputs, Set<String> read) {
    for (String output : outputs) {
      if (!output.isEmpty() && read.contains(output)) {
        return true;
      }
    }
    return false;
  }
}

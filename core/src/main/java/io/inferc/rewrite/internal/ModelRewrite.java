package io.inferc.rewrite.internal;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Function;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Applies the rewrite of one graph to the main graph of a model and to all graphs in its nodes. */
@SuppressWarnings("ReferenceEquality") // An untouched graph is the same object.
public final class ModelRewrite {
  /** Rewrites one graph without looking into its nodes' graphs. */
  public interface GraphRewrite {
    /** Returns the rewritten graph, or the very same one if there was nothing to do. */
    Graph rewrite(Graph graph, GraphScope scope);
  }

  private final GraphRewrite rewrite;
  private final boolean innerFirst;

  private ModelRewrite(GraphRewrite rewrite, boolean innerFirst) {
    this.rewrite = rewrite;
    this.innerFirst = innerFirst;
  }

  /** Rewrites a graph before those inside its nodes. */
  public static OnnxModel outerFirst(
      GraphPass pass, OnnxModel model, RewriteLog log, GraphRewrite rewrite) {
    return new ModelRewrite(rewrite, false).apply(pass, model, log);
  }

  /** Rewrites a graph after those inside its nodes. */
  public static OnnxModel innerFirst(
      GraphPass pass, OnnxModel model, RewriteLog log, GraphRewrite rewrite) {
    return new ModelRewrite(rewrite, true).apply(pass, model, log);
  }

  /** Looks for one pattern at a node of the view, and replaces it; false if there is none. */
  public interface Fusion {
    boolean fuse(Node start, GraphView view);
  }

  /** Tries a fusion at each node of some operators that is still there. */
  public static Graph fuse(Graph graph, GraphScope scope, Set<String> starts, Fusion fusion) {
    GraphView view = null;
    boolean changed = false;
    for (Node node : graph.nodes()) {
      if (!starts.contains(node.opType()) || !node.domain().isEmpty()) {
        continue;
      }
      view = view == null ? new GraphView(graph, scope) : view;
      // Part of a pattern that was replaced may be gone.
      Optional<Node> current = view.editor().current(node);
      if (current.isPresent()) {
        changed |= fusion.fuse(current.get(), view);
      }
    }
    if (view == null) {
      return graph;
    }
    view.editor().giveBack();
    return changed ? view.editor().build() : graph;
  }

  private OnnxModel apply(GraphPass pass, OnnxModel model, RewriteLog log) {
    Graph before = model.graph();
    Graph after = graph(before, GraphScope.main(pass, log, model));
    for (Function function : model.functions()) {
      log.leftAlone(
          pass,
          function.name(),
          "The function's nodes were left alone: it may be called anywhere.");
    }
    if (after == before) {
      return model;
    }
    return model.withGraph(model.irVersion() > 3 ? after : declareConstants(before, after));
  }

  private Graph graph(Graph graph, GraphScope scope) {
    return innerFirst
        ? rewrite.rewrite(subgraphs(graph, scope), scope)
        : subgraphs(rewrite.rewrite(graph, scope), scope);
  }

  private Graph subgraphs(Graph graph, GraphScope scope) {
    GraphEditor editor = null;
    for (Node node : graph.nodes()) {
      if (!node.hasSubgraphs()) {
        continue;
      }
      Node changed = node(node, scope.inside(graph));
      if (changed != node) {
        editor = editor == null ? graph.edit() : editor;
        editor.replace(node, changed);
      }
    }
    return editor == null ? graph : editor.build();
  }

  private Node node(Node node, GraphScope scope) {
    Node.Builder changed = null;
    for (Attribute attribute : node.attributes()) {
      // No standard operator has a list of graphs.
      if (attribute.kind() == Attribute.Kind.GRAPH) {
        Graph before = attribute.asGraph();
        Graph after = graph(before, scope);
        if (after != before) {
          changed = changed == null ? node.toBuilder() : changed;
          changed.attribute(Attribute.of(attribute.name(), after));
        }
      }
    }
    return changed == null ? node : changed.build();
  }

  /** Up to IR version 3, the constants of the main graph and no others are declared as inputs. */
  private static Graph declareConstants(Graph before, Graph after) {
    Set<String> inputs = new HashSet<>();
    after.inputs().forEach(i -> inputs.add(i.name()));
    GraphEditor editor = null;
    for (Initializer constant : after.initializers()) {
      if (inputs.add(constant.name())) {
        editor = editor == null ? after.edit() : editor;
        editor.addInput(constant.spec());
      }
    }
    List<String> gone =
        after.inputs().stream()
            .map(ValueInfo::name)
            .filter(i -> before.initializer(i).isPresent() && after.initializer(i).isEmpty())
            .toList();
    for (String input : gone) {
      editor = editor == null ? after.edit() : editor;
      editor.removeInput(input);
    }
    return editor == null ? after : editor.build();
  }
}

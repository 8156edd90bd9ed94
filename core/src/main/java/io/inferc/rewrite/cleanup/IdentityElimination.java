package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.Optional;
import java.util.Set;

/**
 * Removes nodes that give out what they take in: Identity, Dropout in inference, and Cast, Reshape,
 * Transpose, Pad and Slice that change nothing as far as the declared types and shapes tell.
 *
 * <p>The outputs of a graph keep their names: where such a node makes one, the node before it takes
 * the name over. A node stays where nothing else can carry that name, as between an input and an
 * output.
 */
public final class IdentityElimination implements GraphPass {
  private static final Set<String> CANDIDATES =
      Set.of("Identity", "Dropout", "Cast", "Reshape", "Transpose", "Pad", "Slice");

  /** Creates the pass. */
  public IdentityElimination() {}

  @Override
  public String name() {
    return "remove-identities";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing().follows(ConstantFolding.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return ModelRewrite.outerFirst(this, model, log, IdentityElimination::rewrite);
  }

  private static Graph rewrite(Graph graph, GraphScope scope) {
    GraphView view = null;
    boolean changed = false;
    for (Node original : graph.nodes()) {
      if (!CANDIDATES.contains(original.opType()) || !original.domain().isEmpty()) {
        continue;
      }
      view = view == null ? new GraphView(graph, scope) : view;
      // The node may read another tensor since one before it was removed.
      Node node = view.editor().current(original).orElseThrow();
      if (new NoOperation(view).is(original, node)) {
        changed |= remove(node, view);
      }
    }
    if (view == null) {
      return graph;
    }
    view.editor().giveBack();
    return changed ? view.editor().build() : graph;
  }

  private static boolean remove(Node node, GraphView view) {
    GraphEditor editor = view.editor();
    String input = node.inputs().get(0);
    String output = node.outputs().get(0);
    if (!view.isOutput(output)) {
      editor.replaceUses(output, input);
      editor.remove(editor.current(node).orElseThrow());
      view.scope().changed(node, "The node was removed: it changes nothing.");
      return true;
    }
    Optional<Node> producer = editor.producer(input);
    if (producer.isEmpty() || view.isOutput(input)) {
      view.scope()
          .leftAlone(
              node,
              "The node changes nothing, but the graph returns it under a name that nothing else"
                  + " can take.");
      return false;
    }
    editor.remove(node);
    Node maker = producer.get();
    String[] outputs =
        maker.outputs().stream().map(o -> o.equals(input) ? output : o).toArray(String[]::new);
    editor.replaceUses(input, output);
    Node current = editor.current(maker).orElseThrow();
    editor.replace(current, current.toBuilder().outputs(outputs).build());
    view.scope()
        .changed(node, "The node was removed: the one before it makes the graph's output itself.");
    return true;
  }
}

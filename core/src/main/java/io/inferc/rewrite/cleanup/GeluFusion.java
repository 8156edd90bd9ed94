package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.GeluPattern;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces Gelu that is written out in single nodes, by the error function or approximated by tanh,
 * by the operator Gelu, so that back ends meet it whole.
 *
 * <p>Gelu came with opset 20: models of older ones are left alone with a note; {@link
 * OnnxModel#upgradeOpset} helps.
 */
public final class GeluFusion implements GraphPass {
  /** The opset that brought Gelu. */
  public static final int OPSET = 20;

  private static final Set<String> STARTS = Set.of("Erf", "Tanh");

  /** Creates the pass. */
  public GeluFusion() {}

  @Override
  public String name() {
    return "fuse-gelu";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing().opset(OPSET).operators("Gelu").follows(ConstantFolding.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return ModelRewrite.outerFirst(
        this,
        model,
        log,
        (graph, scope) ->
            ModelRewrite.fuse(graph, scope, STARTS, (middle, view) -> fuse(middle, view, "")));
  }

  /** Writes the Gelu around its middle as one operator of a domain. */
  static boolean fuse(Node middle, GraphView view, String domain) {
    Optional<GeluPattern> found = GeluPattern.match(middle, view);
    if (found.isEmpty()) {
      return false;
    }
    GeluPattern pattern = found.get();
    Node last = pattern.last();
    if (view.raisesRank(pattern.nodes(), pattern.input())) {
      view.scope()
          .leftAlone(
              last, "The Gelu was left in pieces: its constants may have more dimensions than x.");
      return false;
    }
    GraphEditor editor = view.editor();
    Node.Builder fused =
        Node.builder("Gelu")
            .domain(domain)
            .name(last.name())
            .inputs(pattern.input())
            .outputs(last.outputs().get(0));
    if (pattern.tanh()) {
      fused.attribute(Attribute.of("approximate", "tanh"));
    }
    editor.replace(last, fused.build());
    pattern.inner().forEach(editor::remove);
    pattern.nodes().forEach(n -> n.inputs().forEach(view::removeIfUnread));
    view.scope().changed(last, "The Gelu in " + pattern.nodes().size() + " nodes became one.");
    return true;
  }
}

package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.CannotFoldException;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.LayerNormPattern;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces layer normalization that is written out in single nodes by LayerNormalization, so that
 * back ends meet it whole.
 *
 * <p>The mean must run over the last axis, scale and bias must be FLOAT32 constants of its size,
 * and no tensor in the middle may be read elsewhere. LayerNormalization came with opset 17: models
 * of older ones are left alone with a note; {@link OnnxModel#upgradeOpset} helps.
 */
public final class LayerNormFusion implements GraphPass {
  /** The opset that brought LayerNormalization. */
  public static final int OPSET = 17;

  private static final Set<String> STARTS = Set.of("ReduceMean");

  /** Creates the pass. */
  public LayerNormFusion() {}

  @Override
  public String name() {
    return "fuse-layer-normalization";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing()
        .opset(OPSET)
        .operators("LayerNormalization")
        .follows(ConstantFolding.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return ModelRewrite.outerFirst(
        this,
        model,
        log,
        (graph, scope) -> ModelRewrite.fuse(graph, scope, STARTS, LayerNormFusion::fuse));
  }

  private static boolean fuse(Node mean, GraphView view) {
    Optional<LayerNormPattern> found;
    try {
      found = LayerNormPattern.match(mean, view);
    } catch (CannotFoldException e) {
      view.scope().leftAlone(mean, "The layer normalization was left alone: " + e.getMessage());
      return false;
    }
    if (found.isEmpty()) {
      return false;
    }
    LayerNormPattern pattern = found.get();
    Node last = pattern.last();
    GraphEditor editor = view.editor();
    Node.Builder fused =
        Node.builder("LayerNormalization")
            .name(last.name())
            .outputs(last.outputs().get(0))
            .attribute(Attribute.of("axis", -1))
            .attribute(Attribute.of("epsilon", pattern.epsilon()));
    if (pattern.bias().isPresent()) {
      fused.inputs(pattern.input(), pattern.scale(), pattern.bias().get());
    } else {
      fused.inputs(pattern.input(), pattern.scale());
    }
    editor.replace(last, fused.build());
    pattern.inner().forEach(editor::remove);
    pattern.nodes().forEach(n -> n.inputs().forEach(view::removeIfUnread));
    view.scope()
        .changed(
            last, "The layer normalization in " + pattern.nodes().size() + " nodes became one.");
    return true;
  }
}

package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.ModelRewrite;
import io.inferc.rewrite.internal.OperatorTypes;
import io.inferc.rewrite.internal.TensorTypes;
import io.inferc.tensor.DataType;
import java.util.Map;

/**
 * Replaces CastLike by a Cast to the type that its second input is known to have. A constant is
 * then folded, and a later change of that input's type changes nothing else. Spelled-out functions
 * of the ONNX specification cast all their constants like their input.
 */
public final class CastLikeResolution implements GraphPass {
  /** Creates the pass. */
  public CastLikeResolution() {}

  @Override
  public String name() {
    return "resolve-cast-like";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    OperatorTypes operators = new OperatorTypes();
    return ModelRewrite.outerFirst(
        this, model, log, (graph, scope) -> rewrite(graph, scope, operators));
  }

  private static Graph rewrite(Graph graph, GraphScope scope, OperatorTypes operators) {
    if (graph.nodes().stream().noneMatch(CastLikeResolution::isCastLike)) {
      return graph;
    }
    Map<String, DataType> types = TensorTypes.of(graph, operators, scope.opset());
    GraphEditor editor = null;
    for (Node node : graph.nodes()) {
      DataType type = isCastLike(node) ? types.get(node.inputs().get(1)) : null;
      if (type != null) {
        editor = editor == null ? graph.edit() : editor;
        editor.replace(
            node,
            node.toBuilder()
                .opType("Cast")
                .inputs(node.inputs().get(0))
                .attribute(Attribute.of("to", (long) type.onnxCode()))
                .build());
        scope.changed(
            node, "It casts to " + type + ", the type of '" + node.inputs().get(1) + "'.");
      }
    }
    return editor == null ? graph : editor.build();
  }

  private static boolean isCastLike(Node node) {
    return node.domain().isEmpty() && node.opType().equals("CastLike");
  }
}

package io.inferc.rewrite;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.TensorSpec;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes known types and shapes of the tensors between nodes into the model, so that runtimes see
 * which tensors have the same shape.
 *
 * <p>ONNX Runtime, for one, fuses a residual addition with the layer normalization after it only if
 * it can tell that nothing is broadcast, and exporters lose that knowledge where they compute
 * shapes.
 */
public final class ShapeDeclaration implements GraphPass {
  private final Map<String, TensorSpec> shapes;

  /**
   * Creates the pass.
   *
   * @param shapes types and shapes by tensor name, as {@link io.inferc.shape.SymbolicShapes} finds
   *     them
   */
  public ShapeDeclaration(Map<String, TensorSpec> shapes) {
    this.shapes = new LinkedHashMap<>(shapes);
  }

  @Override
  public String name() {
    return "declare-shapes";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Set<String> outputs = new HashSet<>();
    model.graph().outputs().forEach(o -> outputs.add(o.name()));
    GraphEditor editor = null;
    for (Node node : model.graph().nodes()) {
      for (String output : node.outputs()) {
        TensorSpec known = shapes.get(output);
        if (known == null || !known.shape().isRankKnown()) {
          continue;
        }
        Optional<TensorSpec> declared = model.graph().declared(output);
        if (declared.isPresent() && openness(declared.get()) <= openness(known)) {
          continue;
        }
        if (outputs.contains(output)) {
          continue;
        }
        if (editor == null) {
          editor = model.graph().edit();
        }
        editor.putValueInfo(known);
        log.changed(this, node.name(), "The shape of " + known + " was declared.");
      }
    }
    return editor == null ? model : model.withGraph(editor.build());
  }

  /** How much a specification leaves open: the fewer, the more a runtime can do. */
  private static long openness(TensorSpec spec) {
    return spec.shape()
        .dimensions()
        .map(d -> d.stream().filter(s -> !s.isFixed() && s.symbol().isEmpty()).count())
        .orElse(Long.MAX_VALUE);
  }
}

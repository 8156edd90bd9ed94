package io.inferc.rewrite.cleanup;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.OperatorTypes;
import io.inferc.rewrite.internal.TensorTypes;
import io.inferc.runtime.ShapeProfile;
import io.inferc.shape.internal.ProvedShapes;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes proved shapes of the tensors between nodes into the model, so that runtimes see which
 * tensors have the same shape.
 *
 * <p>ONNX Runtime, for one, fuses a residual addition with the layer normalization after it only if
 * it can tell that nothing is broadcast, and exporters lose that knowledge where they compute
 * shapes. What is declared already stays where it says as much or more, and gives way where a proof
 * contradicts it.
 */
public final class ShapeDeclaration implements GraphPass {
  private final List<ShapeProfile> profiles;

  /**
   * Creates the pass.
   *
   * @param profiles the sizes that the model will see; if there are none, what is declared holds
   *     for all sizes
   */
  public ShapeDeclaration(List<ShapeProfile> profiles) {
    this.profiles = List.copyOf(profiles);
  }

  @Override
  public String name() {
    return "declare-shapes";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Map<String, TensorShape> shapes = ProvedShapes.of(model, profiles).declarations();
    Set<String> outputs = new HashSet<>();
    model.graph().outputs().forEach(o -> outputs.add(o.name()));
    Map<String, DataType> types = TensorTypes.of(model.graph(), new OperatorTypes(), model.opset());
    GraphEditor editor = null;
    for (Node node : model.graph().nodes()) {
      for (String output : node.outputs()) {
        TensorShape known = shapes.get(output);
        DataType type = types.get(output);
        if (known == null || type == null || outputs.contains(output)) {
          continue;
        }
        Optional<TensorShape> declared = model.graph().declared(output).map(TensorSpec::shape);
        TensorShape merged = declared.map(d -> merge(d, known)).orElse(known);
        if (declared.filter(merged::equals).isPresent() || saysNothing(merged, declared)) {
          continue;
        }
        if (editor == null) {
          editor = model.graph().edit();
        }
        TensorSpec spec = new TensorSpec(output, type, merged);
        editor.putValueInfo(spec);
        log.changed(this, node.name(), "The shape of " + spec + " was declared.");
      }
    }
    return editor == null ? model : model.withGraph(editor.build());
  }

  /** What is proved, and what is declared of sizes of which nothing is proved. */
  private static TensorShape merge(TensorShape declared, TensorShape known) {
    List<Dimension> proved = known.dimensions().orElseThrow();
    Optional<List<Dimension>> claimed = declared.dimensions();
    if (claimed.isEmpty() || claimed.get().size() != proved.size()) {
      return known;
    }
    List<Dimension> merged = new ArrayList<>();
    for (int i = 0; i < proved.size(); i++) {
      Dimension p = proved.get(i);
      boolean open = !p.isFixed() && p.symbol().isEmpty();
      merged.add(open ? claimed.get().get(i) : p);
    }
    return TensorShape.of(merged);
  }

  private static boolean saysNothing(TensorShape shape, Optional<TensorShape> declared) {
    return declared.isEmpty()
        && shape.dimensions().orElseThrow().stream()
            .noneMatch(d -> d.isFixed() || d.symbol().isPresent())
        && !shape.dimensions().orElseThrow().isEmpty();
  }
}

package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.DeclaredShapes;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.MatrixLayer;

/**
 * Orders sums of three tensors before a layer normalization so that what is broadcast is added
 * first, as positions are in the embeddings of a transformer.
 *
 * <p>ONNX Runtime computes an addition and the normalization behind it in one kernel if both terms
 * have the same shape, and that kernel is several times as fast as its layer normalization alone.
 * The sums differ by rounding. Needed are declared shapes ({@link ShapeDeclaration}). Only the main
 * graph is rewritten. Immutable and thread-safe.
 */
public final class AdditionOrder implements GraphPass {
  /** The first whose additions broadcast by shapes alone. */
  private static final int SMALLEST_OPSET = 7;

  /** Creates the pass. */
  public AdditionOrder() {}

  @Override
  public String name() {
    return "order-additions";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing()
        .opset(SMALLEST_OPSET)
        .operators("SkipLayerNormalization")
        .requires(ShapeDeclaration.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Graph graph = model.graph();
    GraphEditor editor = graph.edit();
    DeclaredShapes shapes = new DeclaredShapes(graph);
    boolean changed = false;
    for (Node sum : graph.nodes()) {
      if (isNormalized(editor, sum) && reorder(editor, shapes, sum)) {
        changed = true;
        log.changed(this, sum.name(), "What is broadcast is added first.");
      }
    }
    return changed ? model.withGraph(editor.build()) : model;
  }

  private static boolean isNormalized(GraphEditor editor, Node sum) {
    return GraphView.is(sum, "Add")
        && editor.consumers(sum.outputs().get(0)).stream()
            .anyMatch(n -> GraphView.is(n, "ReduceMean") || GraphView.is(n, "LayerNormalization"));
  }

  private static boolean reorder(GraphEditor editor, DeclaredShapes shapes, Node sum) {
    String whole = sum.outputs().get(0);
    for (int i = 0; i < 2; i++) {
      String spread = sum.inputs().get(1 - i);
      String first = sum.inputs().get(i);
      Node inner = editor.producer(first).filter(n -> GraphView.is(n, "Add")).orElse(null);
      if (inner == null
          || MatrixLayer.soleReader(editor, first).isEmpty()
          || Constants.find(editor, spread).isPresent()
          || shapes.of(spread).isEmpty()
          || shapes.areSame(spread, whole)) {
        continue;
      }
      String a = inner.inputs().get(0);
      String b = inner.inputs().get(1);
      if (shapes.areSame(a, whole) && shapes.areSame(b, whole)) {
        Node moved = inner.toBuilder().inputs(a, spread).build();
        editor.remove(inner);
        editor.insertBefore(sum, moved);
        editor.replace(sum, sum.toBuilder().inputs(first, b).build());
        return true;
      }
    }
    return false;
  }
}

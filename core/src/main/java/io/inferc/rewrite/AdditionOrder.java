package io.inferc.rewrite;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;

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
  /** Creates the pass. */
  public AdditionOrder() {}

  @Override
  public String name() {
    return "order-additions";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Graph graph = model.graph();
    GraphEditor editor = graph.edit();
    boolean changed = false;
    for (Node sum : graph.nodes()) {
      if (isNormalized(editor, sum) && reorder(editor, graph, sum)) {
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

  private static boolean reorder(GraphEditor editor, Graph graph, Node sum) {
    Optional<List<Dimension>> whole = shape(graph, sum.outputs().get(0));
    for (int i = 0; i < 2; i++) {
      String spread = sum.inputs().get(1 - i);
      String first = sum.inputs().get(i);
      Node inner = editor.producer(first).filter(n -> GraphView.is(n, "Add")).orElse(null);
      if (inner == null
          || MatrixLayer.soleReader(editor, first).isEmpty()
          || Constants.find(editor, spread).isPresent()
          || shape(graph, spread).isEmpty()
          || AttentionPattern.same(shape(graph, spread), whole)) {
        continue;
      }
      String a = inner.inputs().get(0);
      String b = inner.inputs().get(1);
      if (AttentionPattern.same(shape(graph, a), whole)
          && AttentionPattern.same(shape(graph, b), whole)) {
        Node moved = inner.toBuilder().inputs(a, spread).build();
        editor.remove(inner);
        editor.insertBefore(sum, moved);
        editor.replace(sum, sum.toBuilder().inputs(first, b).build());
        return true;
      }
    }
    return false;
  }

  private static Optional<List<Dimension>> shape(Graph graph, String tensor) {
    return graph.declared(tensor).map(TensorSpec::shape).flatMap(s -> s.dimensions());
  }
}

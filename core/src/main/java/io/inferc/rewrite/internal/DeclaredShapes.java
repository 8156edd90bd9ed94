package io.inferc.rewrite.internal;

import io.inferc.onnx.Graph;
import io.inferc.tensor.Dimension;
import java.util.List;
import java.util.Optional;

/** What a graph declares of the shapes of its tensors. */
public final class DeclaredShapes {
  private final Graph graph;

  public DeclaredShapes(Graph graph) {
    this.graph = graph;
  }

  /** Returns the dimensions of a tensor if they are declared. */
  public Optional<List<Dimension>> of(String tensor) {
    return graph.declared(tensor).flatMap(t -> t.shape().dimensions());
  }

  /** Tells whether two tensors are known to have the same shape. */
  public boolean areSame(String a, String b) {
    Optional<List<Dimension>> shape = of(a);
    return shape.isPresent() && of(b).filter(s -> areSame(shape.get(), s)).isPresent();
  }

  /** Tells whether two lists of dimensions are known to be the same. */
  public static boolean areSame(List<Dimension> a, List<Dimension> b) {
    return a.equals(b) && a.stream().allMatch(d -> d.isFixed() || d.symbol().isPresent());
  }
}

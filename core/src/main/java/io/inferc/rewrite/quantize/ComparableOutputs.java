package io.inferc.rewrite.quantize;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The outputs whose values move a little if those of layers do. Behind a choice, such as the best
 * boxes, a little can put other things into the same place.
 */
public final class ComparableOutputs {
  private static final Set<String> CHOICES =
      Set.of(
          "TopK", "NonMaxSuppression", "NonZero", "ArgMax", "ArgMin", "Unique", "Compress", "Loop");
  private static final Set<String> RANDOM =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli");

  private ComparableOutputs() {}

  /**
   * Finds the outputs to compare.
   *
   * @param graph a graph
   * @param plan the precision of its nodes
   * @return the FLOAT32 outputs that depend on INT8 layers of the plan, but on no choice of them
   */
  public static List<String> of(Graph graph, LayerPlan plan) {
    Objects.requireNonNull(graph, "graph");
    Objects.requireNonNull(plan, "plan");
    Set<String> moved = new HashSet<>();
    Set<String> chosen = new HashSet<>();
    for (Node node : graph.nodes()) {
      boolean moves =
          plan.precision(node.name()) == NumericPrecision.INT8
              || node.reads().stream().anyMatch(moved::contains);
      if (moves) {
        moved.addAll(node.outputs());
      }
      if (RANDOM.contains(node.opType())
          || (moves && CHOICES.contains(node.opType()))
          || node.reads().stream().anyMatch(chosen::contains)) {
        chosen.addAll(node.outputs());
      }
    }
    return graph.outputs().stream()
        .filter(o -> o.tensor().map(TensorSpec::type).filter(DataType.FLOAT32::equals).isPresent())
        .map(ValueInfo::name)
        .filter(o -> moved.contains(o) && !chosen.contains(o))
        .toList();
  }
}

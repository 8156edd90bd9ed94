package io.inferc.rewrite.quantize;

import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.EmbeddingTable;
import io.inferc.rewrite.internal.GraphFacts;
import io.inferc.rewrite.internal.InnerGraphs;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.rewrite.internal.VisibleTensors;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Finds the nodes of a model that can be quantized, and the tensors whose ranges that takes.
 *
 * <pre>{@code
 * Set<String> layers = QuantizableLayers.layers(model, dialect, NumericPrecision.INT8);
 * CalibrationTensors tensors = QuantizableLayers.tensors(model, dialect, plan);
 * }</pre>
 */
public final class QuantizableLayers {
  private QuantizableLayers() {}

  /**
   * Finds the layers that have an integer form, which are what a plan decides on, and where the
   * time goes: convolutions and matrix products, and with dynamic scales LSTM too.
   *
   * @param model the model
   * @param dialect the form of the runtime
   * @param precision {@link NumericPrecision#INT8} or {@link NumericPrecision#INT8_DYNAMIC}; for
   *     dynamic scales these are MatMul, Gemm and LSTM with constant weights, and large tables
   * @return names of nodes in order: of the main graph, and with dynamic scales of graphs inside of
   *     nodes too, whose tensors calibration does not see; nodes without a name are left out
   * @throws IllegalArgumentException for another precision
   */
  public static Set<String> layers(
      OnnxModel model, QuantizationDialect dialect, NumericPrecision precision) {
    Set<String> layers = new LinkedHashSet<>();
    visit(model, dialect, precision, layers::add, (node, why) -> {});
    return layers;
  }

  /**
   * Finds the nodes that read rows of large tables, where the dialect has these as integers. They
   * are among {@link #layers} with dynamic scales, but need no such scales.
   *
   * @param model the model
   * @param dialect the form of the runtime
   * @return names of Gather nodes of all graphs
   */
  public static Set<String> tables(OnnxModel model, QuantizationDialect dialect) {
    Set<String> tables = new LinkedHashSet<>();
    DynamicLayers.visit(
        model,
        dialect,
        node -> named(node).filter(n -> EmbeddingTable.is(node)).ifPresent(tables::add),
        (node, why) -> {});
    return tables;
  }

  /**
   * Says why layers have no integer form.
   *
   * @param model the model
   * @param dialect the form of the runtime
   * @param precision {@link NumericPrecision#INT8} or {@link NumericPrecision#INT8_DYNAMIC}
   * @return the second half of a sentence about a layer, by name of those that are not among {@link
   *     #layers}
   * @throws IllegalArgumentException for another precision
   */
  public static Map<String, String> obstacles(
      OnnxModel model, QuantizationDialect dialect, NumericPrecision precision) {
    Map<String, String> obstacles = new LinkedHashMap<>();
    visit(model, dialect, precision, node -> {}, obstacles::put);
    return obstacles;
  }

  private static void visit(
      OnnxModel model,
      QuantizationDialect dialect,
      NumericPrecision precision,
      Consumer<String> able,
      BiConsumer<String, String> unable) {
    boolean dynamic = precision == NumericPrecision.INT8_DYNAMIC;
    if (precision != NumericPrecision.INT8 && !dynamic) {
      throw new IllegalArgumentException(
          "Tried to find layers that can be quantized to "
              + precision
              + "; it takes INT8 or INT8_DYNAMIC.");
    }
    if (dynamic) {
      DynamicLayers.visit(
          model,
          dialect,
          node -> named(node).ifPresent(able),
          (node, why) -> named(node).ifPresent(name -> unable.accept(name, why)));
      return;
    }
    OnnxModel prepared = Preparation.prepare(model, 0);
    GraphEditor graph = prepared.graph().edit();
    GraphFacts facts = GraphFacts.of(prepared);
    for (Node node : prepared.graph().nodes()) {
      if (node.name().isEmpty() || !DynamicLayers.is(node)) {
        continue;
      }
      try {
        if (RecurrentLayer.is(node)) {
          // It has no form with scales from samples, but may have the other.
          RecurrentLayer.of(VisibleTensors.of(graph), node, dialect);
        } else {
          MatrixLayer.requireKernel(facts, node, dialect);
          MatrixLayer.of(graph, node, dialect);
          able.accept(node.name());
        }
      } catch (CannotQuantizeException e) {
        unable.accept(node.name(), String.valueOf(e.getMessage()));
      }
    }
    graph.giveBack();
  }

  private static Optional<String> named(Node node) {
    return Optional.of(node.name()).filter(n -> !n.isEmpty());
  }

  /**
   * Finds the layers that are not in the main graph, but in one inside a node (If, Loop, Scan) or
   * in a function: convolutions, matrix products and recurrent ones.
   *
   * @param model the model
   * @return these layers, in the order of the model
   */
  public static List<Node> inside(OnnxModel model) {
    List<Node> inside = new ArrayList<>(InnerGraphs.nodes(model));
    inside.addAll(InnerGraphs.nodesOfFunctions(model));
    return inside.stream().filter(DynamicLayers::is).toList();
  }

  /**
   * Finds the operators without weights that have an integer kernel, such as Add, Concat and
   * pooling. In a plan at INT8, they take part where all their inputs come from quantized nodes,
   * and stay as they are elsewhere.
   *
   * @param model the model
   * @param dialect the form of the runtime
   * @return names of nodes of the main graph, in order; nodes without a name are left out
   */
  public static Set<String> followers(OnnxModel model, QuantizationDialect dialect) {
    Followers known = new Followers(dialect.kernels(), GraphFacts.of(model));
    Set<String> followers = new LinkedHashSet<>();
    for (Node node : model.graph().nodes()) {
      if (!node.name().isEmpty() && known.is(node) && known.refusal(node).isEmpty()) {
        followers.add(node.name());
      }
    }
    return followers;
  }

  /**
   * Extends a plan to the operators between its layers.
   *
   * @param model the model
   * @param dialect the form of the runtime
   * @param plan decisions on {@link #layers}
   * @return the plan with all {@link #followers} at INT8 that no rule decides on; unchanged if no
   *     layer is at INT8
   */
  public static LayerPlan withFollowers(
      OnnxModel model, QuantizationDialect dialect, LayerPlan plan) {
    if (!plan.uses(NumericPrecision.INT8)) {
      return plan;
    }
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(plan.decisions());
    for (String follower : followers(model, dialect)) {
      boolean written = plan.precision(follower) == NumericPrecision.INT8_DYNAMIC;
      if (!plan.of(follower).ruled() && !written) {
        decisions.put(
            follower,
            new LayerDecision(NumericPrecision.INT8, "as the layers that make its inputs"));
      }
    }
    return new LayerPlan(decisions);
  }

  /**
   * Finds what calibration must observe for {@link StaticQuantization}.
   *
   * @param model the model
   * @param dialect the form of the runtime
   * @param plan which nodes shall be {@link NumericPrecision#INT8}
   * @return the tensors, in the order of the graph
   */
  public static CalibrationTensors tensors(
      OnnxModel model, QuantizationDialect dialect, LayerPlan plan) {
    OnnxModel prepared = Preparation.prepare(model, 0);
    GraphEditor graph = prepared.graph().edit();
    QuantizedRegions regions =
        new QuantizedRegions(
                graph,
                GraphFacts.of(prepared),
                ScorePaths.of(prepared.graph()),
                prepared.graph().nodes(),
                dialect,
                plan,
                tensor -> Optional.of(TensorRange.observed(-1, 1)),
                (node, why) -> {})
            .analyze();
    Set<String> ranges = new LinkedHashSet<>();
    regions.tensors().keySet().forEach(t -> ranges.add(regions.origin(t)));
    Map<String, Integer> channels = new LinkedHashMap<>();
    for (MatrixLayer layer : regions.layers()) {
      if (layer.weights() != null) {
        channels.put(layer.node().inputs().get(0), layer.inputAxis());
      }
    }
    graph.giveBack();
    return new CalibrationTensors(ranges, channels);
  }
}

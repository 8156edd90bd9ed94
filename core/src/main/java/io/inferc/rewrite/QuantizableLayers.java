package io.inferc.rewrite;

import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Function;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
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
  private static final String NOT_DYNAMIC =
      "only products of an activation with constant weights take scales worked out at run time.";

  private QuantizableLayers() {}

  /**
   * Finds the convolutions and matrix products that have an integer form: these are what a plan
   * decides on, and where the time goes.
   *
   * @param model the model
   * @param dialect the form of the runtime
   * @param precision {@link NumericPrecision#INT8} or {@link NumericPrecision#INT8_DYNAMIC}; for
   *     dynamic scales these are MatMul and Gemm with constant weights
   * @return names of nodes of the main graph, in order; nodes without a name are left out
   * @throws IllegalArgumentException for another precision
   */
  public static Set<String> layers(
      OnnxModel model, QuantizationDialect dialect, NumericPrecision precision) {
    Set<String> layers = new LinkedHashSet<>();
    visit(model, dialect, precision, layers::add, (node, why) -> {});
    return layers;
  }

  /**
   * Says why convolutions and matrix products have no integer form.
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
    OnnxModel prepared = Preparation.prepare(model, 0);
    GraphEditor graph = prepared.graph().edit();
    for (Node node : prepared.graph().nodes()) {
      if (node.name().isEmpty() || !MatrixLayer.is(node)) {
        continue;
      }
      try {
        MatrixLayer layer = MatrixLayer.of(graph, node, dialect);
        if (!dynamic || isDynamic(layer)) {
          able.accept(node.name());
        } else {
          unable.accept(node.name(), NOT_DYNAMIC);
        }
      } catch (CannotQuantizeException e) {
        unable.accept(node.name(), String.valueOf(e.getMessage()));
      }
    }
    graph.giveBack();
  }

  /**
   * Finds the convolutions and matrix products that no pass quantizes because they are in a graph
   * inside a node (If, Loop, Scan) or in a function.
   *
   * @param model the model
   * @return these layers, in the order of the model
   */
  public static List<Node> unreachable(OnnxModel model) {
    return inside(model).stream().filter(MatrixLayer::is).toList();
  }

  /** Returns every node that is not in the main graph. */
  static List<Node> inside(OnnxModel model) {
    List<Node> inside = new ArrayList<>();
    collect(model.graph().nodes(), inside);
    for (Function function : model.functions()) {
      inside.addAll(function.nodes());
      collect(function.nodes(), inside);
    }
    return inside;
  }

  private static void collect(List<Node> nodes, List<Node> inside) {
    for (Node node : nodes) {
      for (Graph graph : node.subgraphs()) {
        inside.addAll(graph.nodes());
        collect(graph.nodes(), inside);
      }
    }
  }

  private static boolean isDynamic(MatrixLayer layer) {
    Node node = layer.node();
    return layer.weights() != null
        && !node.opType().startsWith("Conv")
        && node.intAttribute("transA", 0) == 0;
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
    Set<String> followers = new LinkedHashSet<>();
    for (Node node : model.graph().nodes()) {
      if (!node.name().isEmpty() && Followers.is(node, dialect)) {
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
      if (!plan.of(follower).ruled()) {
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

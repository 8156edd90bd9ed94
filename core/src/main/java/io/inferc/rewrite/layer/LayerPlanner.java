package io.inferc.rewrite.layer;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.internal.InnerGraphs;
import io.inferc.spi.NumericPrecision;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns a precision for the whole model and rules for some of its layers into a {@link LayerPlan}.
 *
 * <pre>{@code
 * LayerPlan plan =
 *     LayerPlanner.forBase(NumericPrecision.INT8)
 *         .plan(model, candidates, List.of(
 *             LayerRule.keep(LayerSelector.firstAndLast(), NumericPrecision.FP32)));
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class LayerPlanner {
  private static final String UNABLE = "; cannot be quantized, as a rule asks";

  private static final LayerDecision IN_BODY =
      new LayerDecision(
          NumericPrecision.FP32, "the graphs inside of nodes stay in single precision");

  private final NumericPrecision base;
  private final NumericPrecision rest;

  private LayerPlanner(NumericPrecision base, NumericPrecision rest) {
    this.base = base;
    this.rest = rest;
  }

  /**
   * Starts from the precision of the whole model. Where that is an integer precision, nodes that
   * cannot be quantized stay in FP32.
   *
   * @param base any but {@code TF32}
   * @return the planner
   * @throws IllegalArgumentException for another precision
   */
  public static LayerPlanner forBase(NumericPrecision base) {
    return forBase(base, base.quantizes() ? NumericPrecision.FP32 : base);
  }

  /**
   * Starts from the precision of the whole model, with another one for the nodes that cannot be
   * quantized: GPUs compute in half precision between integer layers.
   *
   * @param base any but {@code TF32}
   * @param rest {@code FP32}, {@code FP16} or {@code BF16}
   * @return the planner
   * @throws IllegalArgumentException for other precisions
   */
  public static LayerPlanner forBase(NumericPrecision base, NumericPrecision rest) {
    if (base == NumericPrecision.TF32 || rest == NumericPrecision.TF32 || rest.quantizes()) {
      throw new IllegalArgumentException(
          "Tried to plan a model at "
              + base
              + " with the rest at "
              + rest
              + ". A model can be planned at FP32, FP16, BF16, INT8, INT8_DYNAMIC, WEIGHTS8 or"
              + " WEIGHTS4, and the rest of it at FP32, FP16 or BF16.");
    }
    return new LayerPlanner(base, rest);
  }

  /**
   * Decides on every node of the main graph, and on candidates inside of If, Loop and Scan: these
   * are quantized or stay in single precision.
   *
   * @param model a model whose nodes have names of their own, as {@link UniqueNames} gives them
   * @param candidates the names of the nodes that can be quantized
   * @param rules rules, of which later ones win
   * @return a decision with its reason for every such node, in the order of the model
   * @throws InfercException if a rule matches nothing, or asks to quantize only nodes that cannot
   *     be; the message has near matches
   * @throws IllegalArgumentException if two nodes share a name, or one has none
   */
  public LayerPlan plan(OnnxModel model, Set<String> candidates, List<LayerRule> rules) {
    List<Node> nodes = new ArrayList<>(model.graph().nodes());
    Map<String, LayerDecision> decisions = new LinkedHashMap<>();
    for (Node node : nodes) {
      decisions.put(node.name(), byBase(candidates.contains(node.name())));
    }
    for (Node node : InnerGraphs.nodes(model)) {
      if (candidates.contains(node.name())) {
        nodes.add(node);
        decisions.put(node.name(), base.quantizes() ? byBase(true) : IN_BODY);
      }
    }
    requireNames(nodes);
    LayerContext context = new LayerContext(model, candidates);
    for (LayerRule rule : rules) {
      RuleCheck.requireAll(rule, nodes, context);
      apply(rule, nodes, candidates, context, decisions);
    }
    return new LayerPlan(decisions);
  }

  private LayerDecision byBase(boolean candidate) {
    if (base == rest || candidate) {
      return new LayerDecision(base, "the precision asked for the model");
    }
    return new LayerDecision(rest, "the operator has no form at " + base);
  }

  private static void apply(
      LayerRule rule,
      List<Node> nodes,
      Set<String> candidates,
      LayerContext context,
      Map<String, LayerDecision> decisions) {
    List<Node> selected =
        nodes.stream().filter(n -> rule.selector().criterion().matches(n, context)).toList();
    String reason = "by the rule: " + rule.description();
    boolean any = false;
    for (Node node : selected) {
      boolean able = !rule.quantizes() || candidates.contains(node.name());
      any |= able;
      decisions.computeIfPresent(
          node.name(),
          (name, d) ->
              able
                  ? new LayerDecision(rule.precision(), reason, true)
                  : new LayerDecision(d.precision(), d.reason() + UNABLE, d.ruled()));
    }
    if (!any) {
      throw noneCanBe(rule, selected, nodes, candidates);
    }
  }

  private static InfercException noneCanBe(
      LayerRule rule, List<Node> selected, List<Node> nodes, Set<String> candidates) {
    Set<String> types = new TreeSet<>();
    selected.forEach(n -> types.add(n.opType()));
    Set<String> possible = new TreeSet<>();
    nodes.stream()
        .filter(n -> candidates.contains(n.name()))
        .forEach(n -> possible.add(n.opType()));
    return new InfercException(
        Stage.REWRITE,
        "Tried to "
            + rule.description()
            + ", but none of the "
            + selected.size()
            + " nodes it selects (of type "
            + String.join(", ", types)
            + ") can be quantized here.",
        possible.isEmpty()
            ? "No node of this model can: remove the rule."
            : "Select nodes of type " + String.join(", ", possible) + ".");
  }

  private static void requireNames(List<Node> nodes) {
    Set<String> seen = new HashSet<>();
    for (Node node : nodes) {
      if (node.name().isBlank() || !seen.add(node.name())) {
        throw new IllegalArgumentException(
            "Tried to plan a model by the names of its nodes, but "
                + (node.name().isBlank()
                    ? "the node " + node + " has none"
                    : "two nodes are named '" + node.name() + "'")
                + ". Apply UniqueNames first.");
      }
    }
  }
}

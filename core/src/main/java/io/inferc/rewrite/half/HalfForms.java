package io.inferc.rewrite.half;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Who wants to read which tensor in which precision, once all nodes are decided on. */
final class HalfForms {
  /** In which precision an input is read. */
  enum Want {
    HALF,
    SINGLE,
    ANY
  }

  private final HalfGraph graph;
  private final HalfDecisions decisions;
  private final HalfMasks masks;
  private final HalfValues values;
  private final boolean convertInterface;
  private final Set<String> half = new HashSet<>();
  private final Set<String> single = new HashSet<>();
  private final Set<String> any = new HashSet<>();
  private final Map<String, EnumSet<HalfValues.Clamp>> constants = new HashMap<>();

  HalfForms(
      HalfGraph graph,
      HalfDecisions decisions,
      HalfMasks masks,
      HalfValues values,
      boolean convertInterface) {
    this.graph = graph;
    this.decisions = decisions;
    this.masks = masks;
    this.values = values;
    this.convertInterface = convertInterface;
    for (int i = 0; i < graph.nodes.size(); i++) {
      collect(i, graph.nodes.get(i));
    }
  }

  private void collect(int i, Node node) {
    List<String> inputs = node.inputs();
    for (int k = 0; k < inputs.size(); k++) {
      String input = inputs.get(k);
      if (!graph.isSingle(input)) {
        continue;
      }
      boolean constant = graph.constant(input).isPresent();
      Want want = want(i, k);
      if (want == Want.HALF && constant) {
        constants
            .computeIfAbsent(input, n -> EnumSet.noneOf(HalfValues.Clamp.class))
            .add(clamp(i, k));
      } else if (want == Want.HALF) {
        half.add(input);
      } else if (want == Want.SINGLE || constant) {
        single.add(input);
      } else {
        any.add(input);
      }
    }
    if (node.hasSubgraphs()) {
      // Its graphs may read by name what is an input of the node as well.
      node.reads().stream().filter(graph::isSingle).forEach(single::add);
    }
  }

  /** In which precision a node reads a single-precision input. */
  Want want(int node, int input) {
    return switch (decisions.form(node)) {
      case HALF -> graph.turnsInput(node, input) ? Want.HALF : Want.SINGLE;
      case ANY -> Want.ANY;
      default -> Want.SINGLE;
    };
  }

  boolean isWantedHalf(String tensor) {
    return half.contains(tensor);
  }

  boolean isWantedSingle(String tensor) {
    return single.contains(tensor);
  }

  /** The constants to be written in half precision, and how each is clamped. */
  Map<String, EnumSet<HalfValues.Clamp>> constants() {
    return constants;
  }

  /** What becomes of a constant's values beyond the range of half precision. */
  HalfValues.Clamp clamp(int node, int input) {
    Optional<Initializer> constant = graph.constant(graph.nodes.get(node).inputs().get(input));
    return constant.isPresent() && values.extremes(constant.get()).largest() > values.largest()
        ? masks.role(node, input)
        : HalfValues.Clamp.NONE;
  }

  /**
   * Tells whether a mask's constant must be clamped although its node stays in single precision: a
   * reader in half precision would see infinity.
   */
  boolean clampsInSingle(int node, int input) {
    return decisions.form(node) == HalfDecisions.Form.SINGLE
        && graph.isSingle(graph.nodes.get(node).inputs().get(input))
        && clamp(node, input) == HalfValues.Clamp.MASK
        && graph.readersOfOutputs(node).stream().anyMatch(decisions::isHalf);
  }

  /** Tells whether a tensor that is no constant is made in half precision. */
  boolean isMadeInHalf(String tensor) {
    int producer = graph.producer(tensor);
    if (!graph.isSingle(tensor)) {
      return false;
    }
    if (producer < 0) {
      return convertInterface && graph.isInput(tensor);
    }
    return switch (decisions.form(producer)) {
      case HALF -> graph.turnsOutput(producer, graph.nodes.get(producer).outputs().indexOf(tensor));
      case SOURCE ->
          half.contains(tensor)
              && !isCastBack(producer)
              && !single.contains(tensor)
              && (convertInterface || !graph.isOutput(tensor));
      default -> false;
    };
  }

  /** Tells whether a node casts to single precision what has the wanted type. */
  boolean isCastBack(int node) {
    return decisions.form(node) == HalfDecisions.Form.SOURCE
        && graph
            .type(graph.nodes.get(node).inputs().get(0))
            .filter(t -> t == graph.target)
            .isPresent();
  }

  /** Tells whether nobody reads a tensor in the precision it has. */
  boolean isUnread(String tensor) {
    return !single.contains(tensor) && !any.contains(tensor) && !graph.isOutput(tensor);
  }
}

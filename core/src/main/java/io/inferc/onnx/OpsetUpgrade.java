package io.inferc.onnx;

import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Rewrites a model, version by version, in a newer default operator set.
 *
 * <p>What changed from version to version is in {@link OpsetRules}; an operator without a rule kept
 * its meaning from opset 7 to {@value #NEWEST} and stays as it is.
 */
final class OpsetUpgrade {
  /** The newest opset that can be written. */
  static final int NEWEST = 21;

  private static final int OLDEST = 7;
  private static final int FIRST_IR_WITH_PLAIN_CONSTANTS = 4;

  private final OpsetRules rules = new OpsetRules();
  private final OperatorTable operators = new OperatorTable();
  private final NamePool names;
  private final Map<String, Integer> ranks = new HashMap<>();
  private final Map<String, DataType> types = new HashMap<>();
  private final Map<String, Initializer> constants = new HashMap<>();
  private final Set<String> ambiguous = new HashSet<>();
  private final int target;

  private OpsetUpgrade(int target, NamePool names) {
    this.target = target;
    this.names = names;
  }

  static OnnxModel upgrade(OnnxModel model, int target) {
    int from = model.opset();
    if (target > NEWEST) {
      throw new IllegalArgumentException(
          "Tried to upgrade a model to opset "
              + target
              + ", but inferc writes up to "
              + NEWEST
              + ". Ask for that at most.");
    }
    if (from > target) {
      throw new IllegalArgumentException(
          "Tried to bring a model of opset "
              + from
              + " to "
              + target
              + ", but inferc only goes up:"
              + " a newer operator may say what an older one cannot. Export the model at opset "
              + target
              + ".");
    }
    if (from == target) {
      return model;
    }
    if (!model.opsets().containsKey("")) {
      // Of other domains alone: there is nothing to rewrite, and room for what is added.
      return model.withOpset("", target);
    }
    if (from < OLDEST) {
      throw new ModelFormatException(
          "Tried to upgrade a model of opset "
              + from
              + ", but inferc upgrades from opset "
              + OLDEST
              + " on.",
          "Export the model again with a newer tool.");
    }
    OpsetUpgrade upgrade = new OpsetUpgrade(target, new NamePool(model.graph()));
    if (model.irVersion() >= FIRST_IR_WITH_PLAIN_CONSTANTS) {
      // Such a constant is a default, which callers may replace.
      model.graph().inputs().forEach(i -> upgrade.ambiguous.add(i.name()));
    }
    upgrade.collect(model.graph());
    upgrade.ranks.putAll(RankInference.of(model.graph()));
    upgrade.types.putAll(TypeInference.of(model.graph()));
    List<Function> functions = model.functions().stream().map(f -> function(f, target)).toList();
    OnnxModel upgraded = model.withGraph(upgrade.graph(model.graph(), from)).withOpset("", target);
    if (model.irVersion() < FIRST_IR_WITH_PLAIN_CONSTANTS
        && upgraded.irVersion() >= FIRST_IR_WITH_PLAIN_CONSTANTS) {
      upgraded = upgraded.withGraph(withoutConstantInputs(upgraded.graph()));
    }
    return functions.isEmpty() ? upgraded : upgraded.withFunctions(functions);
  }

  /**
   * An input with a constant of its name was that constant before; from IR 4 on it is a default.
   */
  private static Graph withoutConstantInputs(Graph graph) {
    return new Graph(
        graph.rest(),
        graph.files(),
        graph.nodes(),
        graph.initializers(),
        graph.requiredInputs(),
        graph.outputs(),
        graph.valueInfos());
  }

  private void collect(Graph graph) {
    graph.initializers().forEach(i -> learn(i.name(), i));
    collect(graph.nodes());
  }

  private void collect(List<Node> nodes) {
    for (Node n : nodes) {
      learnConstant(n);
      n.subgraphs().forEach(this::collect);
    }
  }

  private void learnConstant(Node node) {
    if (node.domain().isEmpty() && node.opType().equals("Constant")) {
      node.attribute("value")
          .filter(a -> a.kind() == Attribute.Kind.TENSOR)
          .ifPresent(a -> learn(node.outputs().get(0), a.asTensor()));
    }
  }

  /** Two branches may use one name for two constants; then nothing is known of it. */
  private void learn(String name, Initializer constant) {
    if (!ambiguous.contains(name) && constants.putIfAbsent(name, constant) != null) {
      constants.remove(name);
      ambiguous.add(name);
    }
  }

  /** A function is a scope of its own, so nothing known of the graph's tensors holds there. */
  private static Function function(Function f, int target) {
    Integer from = f.opsets().get("");
    if (from == null || from >= target) {
      return f;
    }
    NamePool names = new NamePool(Graph.builder(f.name()).build());
    f.inputs().forEach(names::add);
    f.nodes().forEach(names::add);
    OpsetUpgrade upgrade = new OpsetUpgrade(target, names);
    upgrade.collect(f.nodes());
    upgrade.types.putAll(TypeInference.of(f.nodes()));
    return f.withNodes(upgrade.nodes(f.nodes(), from), target);
  }

  private Graph graph(Graph graph, int from) {
    return new Graph(
        graph.rest(),
        graph.files(),
        nodes(graph.nodes(), from),
        graph.initializers(),
        graph.inputs(),
        graph.outputs(),
        graph.valueInfos());
  }

  private List<Node> nodes(List<Node> nodes, int from) {
    List<Node> current = new ArrayList<>(nodes.size());
    for (Node n : nodes) {
      requireKnown(n, from);
      current.add(n.hasSubgraphs() ? withSubgraphs(n, from) : n);
    }
    for (int version = from + 1; version <= target; version++) {
      List<Node> next = new ArrayList<>(current.size());
      for (Node n : current) {
        Optional<OpsetRules.Rule> rule =
            n.domain().isEmpty() ? rules.find(n.opType(), version) : Optional.empty();
        if (rule.isPresent()) {
          next.addAll(apply(rule.get(), n, version));
        } else {
          next.add(n);
        }
      }
      current = next;
    }
    return current;
  }

  private List<Node> apply(OpsetRules.Rule rule, Node node, int version) {
    for (Attribute a : node.attributes()) {
      if (!a.proto().getRefAttrName().isEmpty()) {
        throw cannot(
            node, version, "its attribute '" + a.name() + "' comes from a function's call");
      }
    }
    OpsetRules.Site site =
        new OpsetRules.Site(node, version, names::fresh, ranks, types, constants);
    Optional<String> objection = rule.objection(site);
    if (objection.isPresent()) {
      throw cannot(node, version, objection.get());
    }
    List<Node> applied = rule.apply(site);
    // The rule of a later version may want to know them.
    applied.forEach(this::learnConstant);
    return applied;
  }

  private static ModelFormatException cannot(Node node, int version, String why) {
    return new ModelFormatException(
        "Tried to upgrade the node "
            + (node.name().isEmpty() ? node.toString() : "'" + node.name() + "'")
            + " from opset "
            + (version - 1)
            + " to "
            + version
            + ", but this "
            + node.opType()
            + " cannot be said there: "
            + why
            + ".",
        "Export the model at a newer opset with the tool that made it.");
  }

  private void requireKnown(Node node, int from) {
    operators
        .objection(node.domain(), node.opType(), from)
        .filter(o -> node.domain().isEmpty())
        .ifPresent(
            o -> {
              throw new ModelFormatException(
                  "Tried to upgrade the node '" + node.name() + "' from opset " + from + ". " + o,
                  "Correct the operator, or export the model again.");
            });
  }

  private Node withSubgraphs(Node node, int from) {
    Node.Builder copy = node.toBuilder();
    for (Attribute a : node.attributes()) {
      if (a.kind() == Attribute.Kind.GRAPH) {
        copy.attribute(Attribute.of(a.name(), graph(a.asGraph(), from)));
      }
    }
    return copy.build();
  }
}

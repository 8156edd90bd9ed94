package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.ConstantContent;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Computes once what a graph computes twice: of nodes with the same operator, inputs and attributes
 * the first serves all readers, and so does the first of constants with the same content.
 *
 * <p>Random operators, operators of other domains, nodes that hold graphs and nodes that make an
 * output of the graph are left alone. So are QuantizeLinear, DequantizeLinear and
 * DynamicQuantizeLinear: back ends match one of them to each reader.
 */
public final class CommonSubexpressions implements GraphPass {
  private static final Set<String> EACH_ITS_OWN =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli",
          "Dropout",
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear");

  /** An attribute's name, and its value or what stands for it. */
  private record Argument(String name, Object value) {}

  /** What can be said of a node without its attributes. */
  private static final class Operation {
    private final String operator;
    private final List<String> inputs;
    private final int hash;

    Operation(String operator, List<String> inputs) {
      this.operator = operator;
      this.inputs = inputs;
      hash = 31 * operator.hashCode() + inputs.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Operation o
          && o.hash == hash
          && o.operator.equals(operator)
          && o.inputs.equals(inputs);
    }

    @Override
    public int hashCode() {
      // Of every node, and asked for again whenever the map grows.
      return hash;
    }
  }

  /** What two nodes must share to compute the same. */
  private record Expression(Operation operation, List<Boolean> outputs, List<Argument> arguments) {}

  /** Creates the pass. */
  public CommonSubexpressions() {}

  @Override
  public String name() {
    return "merge-common-subexpressions";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing().follows(ConstantFolding.class).follows(IdentityElimination.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return ModelRewrite.outerFirst(this, model, log, CommonSubexpressions::rewrite);
  }

  private static Graph rewrite(Graph graph, GraphScope scope) {
    Set<String> outputs = new HashSet<>();
    graph.outputs().forEach(o -> outputs.add(o.name()));
    Map<String, String> replaced = new HashMap<>();
    List<String> constants = unifyConstants(graph, scope, outputs, replaced);
    List<Node> duplicates = findDuplicates(graph, scope, outputs, replaced);
    if (constants.isEmpty() && duplicates.isEmpty()) {
      return graph;
    }
    GraphEditor editor = graph.edit();
    // Each reader once, however many of its inputs are replaced.
    Set<Node> readers = Collections.newSetFromMap(new IdentityHashMap<>());
    for (String tensor : replaced.keySet()) {
      readers.addAll(editor.consumers(tensor));
    }
    for (Node reader : readers) {
      editor.replace(reader, reader.mapReads(n -> replaced.getOrDefault(n, n)));
    }
    constants.forEach(c -> editor.removeInitializer(c).removeValueInfo(c));
    duplicates.forEach(n -> editor.remove(editor.current(n).orElseThrow()));
    return editor.build();
  }

  private static List<String> unifyConstants(
      Graph graph, GraphScope scope, Set<String> outputs, Map<String, String> replaced) {
    Map<ConstantContent, String> first = new HashMap<>(2 * graph.initializers().size());
    List<String> removed = new ArrayList<>();
    for (Initializer constant : graph.initializers()) {
      String name = constant.name();
      if (scope.isOverridable(name) || outputs.contains(name)) {
        continue;
      }
      String same = first.putIfAbsent(new ConstantContent(constant), name);
      if (same != null) {
        replaced.put(name, same);
        removed.add(name);
      }
    }
    return removed;
  }

  private static List<Node> findDuplicates(
      Graph graph, GraphScope scope, Set<String> outputs, Map<String, String> replaced) {
    // Attributes are looked at only where operator and inputs are the same, which is rare.
    Map<Operation, Optional<Node>> alone = new HashMap<>(2 * graph.nodes().size());
    Map<Expression, Node> first = new HashMap<>();
    List<Node> removed = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!node.domain().isEmpty() || EACH_ITS_OWN.contains(node.opType()) || node.hasSubgraphs()) {
        continue;
      }
      Operation operation = operation(node, replaced);
      Optional<Node> before = alone.putIfAbsent(operation, Optional.of(node));
      if (before == null) {
        continue;
      }
      if (before.isPresent()) {
        first.put(expression(operation, before.get()), before.get());
        alone.put(operation, Optional.empty());
      }
      Node same = first.putIfAbsent(expression(operation, node), node);
      if (same == null || node.outputs().stream().anyMatch(outputs::contains)) {
        continue;
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        if (!node.outputs().get(i).isEmpty()) {
          replaced.put(node.outputs().get(i), same.outputs().get(i));
        }
      }
      removed.add(node);
      scope.changed(
          node, "The node was removed: '" + GraphScope.label(same) + "' computes the same.");
    }
    return removed;
  }

  private static Operation operation(Node node, Map<String, String> replaced) {
    // Asked of every node, so without streams.
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.replaceAll(i -> replaced.getOrDefault(i, i));
    return new Operation(node.opType(), inputs);
  }

  private static Expression expression(Operation operation, Node node) {
    List<Boolean> outputs = new ArrayList<>(1);
    for (String output : node.outputs()) {
      outputs.add(output.isEmpty());
    }
    List<Argument> arguments = new ArrayList<>(2);
    for (Attribute attribute : node.attributes()) {
      arguments.add(argument(attribute));
    }
    if (arguments.size() > 1) {
      arguments.sort(Comparator.comparing(Argument::name));
    }
    return new Expression(operation, outputs, arguments);
  }

  private static Argument argument(Attribute attribute) {
    return switch (attribute.kind()) {
      case INT -> new Argument(attribute.name(), attribute.asInt());
      case FLOAT -> new Argument(attribute.name(), attribute.asFloat());
      case STRING -> new Argument(attribute.name(), attribute.asString());
      case TENSOR -> new Argument(attribute.name(), new ConstantContent(attribute.asTensor()));
      default -> new Argument(attribute.name(), new Other(attribute));
    };
  }

  /** An attribute that is compared whole, with a hash that tells lists apart. */
  private record Other(Attribute attribute) {
    @Override
    public int hashCode() {
      return attribute.toString().hashCode();
    }
  }
}

package io.inferc.search;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.ModelFormatException;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One model that is all variants of a model with a single layer changed: each change lies in a
 * branch of an {@code If}, and one more input says which is taken. So layers are judged one by one
 * without compiling a model for each.
 */
final class LayerSwitches {
  /** The input that takes the number of a variant, or {@link #NONE}. */
  static final String INPUT = "inferc_switch";

  static final long NONE = -1;

  /** One layer at one precision. */
  record Variant(String node, NumericPrecision precision) {}

  private final OnnxModel base;
  private final GraphEditor editor;
  private final Set<Node> baseNodes;
  private final Set<Node> taken = new HashSet<>();
  private final Map<Variant, Long> numbers = new LinkedHashMap<>();

  LayerSwitches(OnnxModel base) {
    this.base = base;
    editor = base.graph().edit();
    baseNodes = new LinkedHashSet<>(base.graph().nodes());
    editor.addInput(TensorSpec.of(INPUT, DataType.INT64));
  }

  /** Returns the number that stands for each variant. */
  Map<Variant, Long> numbers() {
    return numbers;
  }

  /**
   * Adds a variant.
   *
   * @return false if it is no local change, or changes nodes that another variant has changed
   */
  boolean add(Variant variant, OnnxModel rewritten) {
    Set<Node> after = new LinkedHashSet<>(rewritten.graph().nodes());
    List<Node> removed =
        baseNodes.stream().filter(n -> !after.contains(n) || !sameConstants(n, rewritten)).toList();
    Set<Node> changed = new HashSet<>(removed);
    List<Node> added =
        after.stream().filter(n -> !baseNodes.contains(n) || changed.contains(n)).toList();
    Set<String> joins = joins(removed, changed);
    boolean local =
        rewritten.opsets().equals(base.opsets())
            && !removed.isEmpty()
            && made(added).containsAll(joins)
            && removed.stream().noneMatch(taken::contains);
    if (!local) {
      return false;
    }
    taken.addAll(removed);
    long number = numbers.size();
    numbers.put(variant, number);
    String suffix = "#" + number;
    String is = INPUT + suffix;
    editor.putInitializer(Initializer.longs(is + "_number", new long[] {number}));
    Node test = Node.of("Equal", List.of(INPUT, is + "_number"), List.of(is));
    Node branch =
        Node.builder("If")
            .name(is + "_if")
            .inputs(is)
            .outputs(joins.toArray(String[]::new))
            .attribute(
                Attribute.of("then_branch", branch(added, joins, suffix + "q", rewritten.graph())))
            .attribute(
                Attribute.of("else_branch", branch(removed, joins, suffix + "f", base.graph())))
            .build();
    editor.replace(removed.get(removed.size() - 1), test, branch);
    removed.subList(0, removed.size() - 1).forEach(editor::remove);
    return true;
  }

  /** Tells whether a node that stayed reads the same weights. */
  private boolean sameConstants(Node node, OnnxModel rewritten) {
    for (String read : node.reads()) {
      Optional<Initializer> before = base.graph().initializer(read);
      Optional<Initializer> after = rewritten.graph().initializer(read);
      if (before.isPresent() && (after.isEmpty() || !same(before.get(), after.get()))) {
        return false;
      }
    }
    return true;
  }

  /** Weights that no rewrite touched are the same objects, which saves reading them. */
  private static boolean same(Object a, Object b) {
    return a == b || a.equals(b);
  }

  /** The tensors that the changed nodes make for others. */
  private Set<String> joins(List<Node> removed, Set<Node> changed) {
    Set<String> read = new HashSet<>();
    baseNodes.stream().filter(n -> !changed.contains(n)).forEach(n -> read.addAll(n.reads()));
    base.graph().outputs().forEach(o -> read.add(o.name()));
    Set<String> joins = new LinkedHashSet<>(made(removed));
    joins.retainAll(read);
    return joins;
  }

  private static Set<String> made(List<Node> nodes) {
    Set<String> made = new LinkedHashSet<>();
    nodes.forEach(n -> made.addAll(n.outputs()));
    made.remove("");
    return made;
  }

  /** The nodes as a graph of their own, with names that no other branch has. */
  private Graph branch(List<Node> nodes, Set<String> joins, String suffix, Graph from) {
    GraphBuilder graph = Graph.builder("branch" + suffix);
    Set<String> own = new HashSet<>(made(nodes));
    Set<String> constants = new HashSet<>();
    for (Node node : nodes) {
      for (String read : node.reads()) {
        from.initializer(read)
            .filter(i -> base.graph().initializer(read).filter(b -> same(b, i)).isEmpty())
            .filter(i -> constants.add(read))
            .ifPresent(i -> graph.initializer(i.withName(read + suffix)));
      }
    }
    own.addAll(constants);
    for (Node node : nodes) {
      Node reading = node.mapReads(name -> own.contains(name) ? name + suffix : name);
      String[] outputs =
          node.outputs().stream().map(o -> o.isEmpty() ? o : o + suffix).toArray(String[]::new);
      // A name must be the only one of its kind, unless it is none.
      String name = node.name().isEmpty() ? "" : node.name() + suffix;
      graph.node(reading.toBuilder().name(name).outputs(outputs).build());
    }
    joins.forEach(j -> graph.output(ValueInfo.untyped(j + suffix)));
    return graph.build();
  }

  /**
   * Makes the model.
   *
   * @return the model, or empty if the changes of a variant enclose nodes that did not change
   */
  Optional<OnnxModel> build() {
    try {
      return Optional.of(base.withGraph(editor.build()));
    } catch (ModelFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * Puts variants into as few models as possible.
   *
   * @param base the model without a change
   * @param variants the model with each single change
   * @return the models' makers; what fits none is in none of them
   */
  static List<LayerSwitches> of(OnnxModel base, Map<Variant, OnnxModel> variants) {
    List<LayerSwitches> models = new ArrayList<>();
    variants.forEach(
        (variant, rewritten) -> {
          for (LayerSwitches model : models) {
            if (model.add(variant, rewritten)) {
              return;
            }
          }
          LayerSwitches model = new LayerSwitches(base);
          if (model.add(variant, rewritten)) {
            models.add(model);
          }
        });
    return models;
  }
}

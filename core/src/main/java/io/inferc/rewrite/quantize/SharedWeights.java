package io.inferc.rewrite.quantize;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.EmbeddingTable;
import io.inferc.rewrite.internal.StoredWeights;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds layers whose weights somebody else goes on reading in floating point, in whatever graph of
 * the model: integers beside those would make the model larger.
 */
final class SharedWeights {
  /** A graph, the names it defines itself, and what is around it. */
  private record Scope(Graph graph, Set<String> defined, @Nullable Scope outer) {
    /** The scope that defines a tensor. */
    @Nullable Scope owner(String tensor) {
      for (Scope s = this; s != null; s = s.outer) {
        if (s.defined.contains(tensor)) {
          return s;
        }
      }
      return null;
    }
  }

  private record Tensor(int scope, String name) {}

  /** A node that reads a tensor at one input; no node where a graph returns it. */
  private record Reader(@Nullable Node node, int input, Scope scope) {}

  private final LayerPlan plan;
  private final IdentityHashMap<Scope, Integer> numbers = new IdentityHashMap<>();
  private final Map<Tensor, List<Reader>> readers = new HashMap<>();
  private final Map<Tensor, Node> producers = new HashMap<>();
  private final List<Reader> layers = new ArrayList<>();

  private SharedWeights(OnnxModel model, LayerPlan plan) {
    this.plan = plan;
    walk(model.graph(), null);
  }

  /**
   * Takes such layers out of a plan, with a note of who else reads the weights.
   *
   * @param precision the precision that the pass writes
   */
  static LayerPlan leftAlone(
      GraphPass pass, OnnxModel model, LayerPlan plan, NumericPrecision precision, RewriteLog log) {
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(plan.decisions());
    SharedWeights shared = new SharedWeights(model, plan);
    for (Reader layer : shared.layers) {
      Node node = layer.node;
      String other = shared.otherReader(layer).orElse(null);
      if (node != null && other != null && plan.precision(node.name()) == precision) {
        String note =
            new CannotQuantizeException(
                    "its weights are read in floating point by " + other + " too.")
                .note();
        log.leftAlone(pass, node.name(), note);
        decisions.put(node.name(), new LayerDecision(NumericPrecision.FP32, note));
      }
    }
    return new LayerPlan(decisions);
  }

  private void walk(Graph graph, @Nullable Scope outer) {
    Scope scope = new Scope(graph, graph.definedNames(), outer);
    numbers.put(scope, numbers.size());
    for (ValueInfo output : graph.outputs()) {
      read(output.name(), new Reader(null, 0, scope));
    }
    for (Node node : graph.nodes()) {
      for (String output : node.outputs()) {
        producers.put(new Tensor(number(scope), output), node);
      }
      for (int i = 0; i < node.inputs().size(); i++) {
        Reader reader = new Reader(node, i, scope);
        read(node.inputs().get(i), reader);
        if (isQuantized(reader)) {
          layers.add(reader);
        }
      }
      node.subgraphs().forEach(g -> walk(g, scope));
    }
  }

  private int number(Scope scope) {
    return numbers.getOrDefault(scope, -1);
  }

  private void read(String name, Reader reader) {
    tensor(name, reader.scope)
        .ifPresent(t -> readers.computeIfAbsent(t, k -> new ArrayList<>(1)).add(reader));
  }

  private Optional<Tensor> tensor(String name, Scope from) {
    return Optional.ofNullable(from.owner(name)).map(s -> new Tensor(number(s), name));
  }

  /** Tells whether a node reads weights that it gets as integers. */
  private boolean isQuantized(Reader reader) {
    Node node = reader.node;
    if (node == null || !plan.precision(node.name()).quantizes()) {
      return false;
    }
    if (reader.input == 0) {
      return EmbeddingTable.is(node);
    }
    return reader.input == 1
        ? DynamicLayers.is(node)
        : reader.input == 2 && RecurrentLayer.is(node);
  }

  /** Says who reads the constant that a layer's weights are made of, beside quantized layers. */
  private Optional<String> otherReader(Reader layer) {
    Scope scope = layer.scope;
    String name = layer.node == null ? "" : layer.node.inputs().get(layer.input);
    while (true) {
      Scope owner = scope.owner(name);
      if (owner == null) {
        return Optional.empty();
      }
      Node made = producers.get(new Tensor(number(owner), name));
      if (made == null || Constants.isNode(made) || !StoredWeights.isPassed(made)) {
        boolean constant = made != null || owner.graph.initializer(name).isPresent();
        boolean computed = made != null && !Constants.isNode(made);
        return constant && !computed
            ? floatReader(new Tensor(number(owner), name))
            : Optional.empty();
      }
      scope = owner;
      name = made.inputs().get(0);
    }
  }

  private Optional<String> floatReader(Tensor tensor) {
    for (Reader reader : readers.getOrDefault(tensor, List.of())) {
      Node node = reader.node;
      if (node == null) {
        return Optional.of("whoever takes the output '" + tensor.name + "'");
      }
      if (isQuantized(reader)) {
        continue;
      }
      if (!StoredWeights.isPassed(node) || !StoredWeights.isData(node, reader.input)) {
        return Optional.of("'" + node.label() + "'");
      }
      Optional<String> behind =
          floatReader(new Tensor(number(reader.scope), node.outputs().get(0)));
      if (behind.isPresent()) {
        return behind;
      }
    }
    return Optional.empty();
  }
}

package io.inferc.rewrite.half;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.GraphFacts;
import io.inferc.rewrite.internal.OperatorTypes;
import io.inferc.rewrite.internal.TensorTypes;
import io.inferc.spi.OperatorUse;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The main graph as a conversion to half precision sees it: who makes what, of which type. */
final class HalfGraph {
  // Type variables that may differ from the data's, and gain nothing in half precision.
  private static final Map<String, String> SECONDARY =
      Map.of("Resize", "T2", "Dropout", "T1", "LayerNormalization", "U");
  private static final int IR_WITH_PLAIN_CONSTANTS = 4;

  final Graph graph;
  final List<Node> nodes;
  final DataType target;
  final int opset;
  private final boolean constantsAreInputs;
  private final GraphFacts facts;
  private final OperatorTypes operators;
  private final Map<String, DataType> types;
  private final List<OperatorTypes.@Nullable Signature> signatures = new ArrayList<>();
  // The operator of each node, or nothing for those of other domains.
  private final List<String> standard = new ArrayList<>();
  private final Map<String, Integer> producers = new HashMap<>();
  private final Map<String, List<Integer>> readers = new HashMap<>();
  private final Map<String, Initializer> constantNodes = new HashMap<>();
  private final Set<String> inputs = new HashSet<>();
  private final Set<String> outputs = new HashSet<>();

  HalfGraph(OnnxModel model, DataType target, OperatorTypes operators) {
    this.graph = model.graph();
    this.nodes = graph.nodes();
    this.target = target;
    this.opset = model.opset();
    this.operators = operators;
    this.facts = GraphFacts.of(model);
    this.constantsAreInputs = model.irVersion() < IR_WITH_PLAIN_CONSTANTS;
    this.types = TensorTypes.of(graph, operators, opset);
    for (ValueInfo input : constantsAreInputs ? graph.requiredInputs() : graph.inputs()) {
      inputs.add(input.name());
    }
    graph.outputs().forEach(o -> outputs.add(o.name()));
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      int index = i;
      standard.add(node.domain().isEmpty() ? node.opType() : "");
      signatures.add(operators.of(standard.get(i), opset).orElse(null));
      node.outputs().forEach(o -> producers.put(o, index));
      for (String read : node.hasSubgraphs() ? node.reads() : node.inputs()) {
        if (read.isEmpty()) {
          continue;
        }
        List<Integer> by = readers.computeIfAbsent(read, k -> new ArrayList<>(2));
        // A node may read a tensor twice, but is one reader.
        if (by.isEmpty() || by.get(by.size() - 1) != i) {
          by.add(i);
        }
      }
      Constants.value(node).ifPresent(c -> constantNodes.put(c.name(), c));
    }
  }

  Optional<OperatorTypes.Signature> signature(int node) {
    return Optional.ofNullable(signatures.get(node));
  }

  /** Returns a node as kernels meet it. */
  OperatorUse use(int node) {
    return facts.use(nodes.get(node));
  }

  boolean isSingle(String tensor) {
    return types.get(tensor) == DataType.FLOAT32;
  }

  Optional<DataType> type(String tensor) {
    return Optional.ofNullable(types.get(tensor));
  }

  boolean isOutput(String tensor) {
    return outputs.contains(tensor);
  }

  boolean isInput(String tensor) {
    return inputs.contains(tensor);
  }

  /** Models of old versions declare their constants as inputs as well. */
  boolean declaresConstants() {
    return constantsAreInputs;
  }

  /** The index of the node that makes a tensor, or -1. */
  int producer(String tensor) {
    return producers.getOrDefault(tensor, -1);
  }

  boolean isMadeBy(String tensor, String opType) {
    int producer = producer(tensor);
    return producer >= 0 && is(producer, opType);
  }

  /** The indices of the nodes that read a tensor, those whose graphs read it included. */
  List<Integer> readers(String tensor) {
    return readers.getOrDefault(tensor, List.of());
  }

  List<Integer> readersOfOutputs(int node) {
    List<Integer> found = new ArrayList<>();
    for (String output : nodes.get(node).outputs()) {
      if (!output.isEmpty()) {
        found.addAll(readers(output));
      }
    }
    return found;
  }

  /** The value of a tensor that no caller can change. */
  Optional<Initializer> constant(String tensor) {
    Initializer node = constantNodes.get(tensor);
    if (node != null) {
      return Optional.of(node);
    }
    return isInput(tensor) ? Optional.empty() : graph.initializer(tensor);
  }

  boolean is(int node, Set<String> opTypes) {
    return opTypes.contains(standard.get(node));
  }

  boolean is(int node, String opType) {
    return opType.equals(standard.get(node));
  }

  /** The single-precision inputs that are no constants. */
  List<String> dataInputs(int node) {
    List<String> data = new ArrayList<>(2);
    for (String input : nodes.get(node).inputs()) {
      if (isSingle(input) && constant(input).isEmpty()) {
        data.add(input);
      }
    }
    return data;
  }

  /** Tells whether a node has anything in single precision at all. */
  boolean touchesSingle(int node) {
    Node n = nodes.get(node);
    Collection<String> read = n.hasSubgraphs() ? n.reads() : n.inputs();
    return anySingle(read) || anySingle(n.outputs());
  }

  boolean anySingle(Collection<String> tensors) {
    for (String tensor : tensors) {
      if (isSingle(tensor)) {
        return true;
      }
    }
    return false;
  }

  /** Tells whether an input becomes half precision when its node does. */
  boolean turnsInput(int node, int input) {
    return isSingle(nodes.get(node).inputs().get(input))
        && turns(node, signature(node).flatMap(s -> s.input(input)));
  }

  /** Tells whether an output becomes half precision when its node does. */
  boolean turnsOutput(int node, int output) {
    return isSingle(nodes.get(node).outputs().get(output))
        && turns(node, signature(node).flatMap(s -> s.output(output)));
  }

  private boolean turns(int node, Optional<String> slot) {
    OperatorTypes.Signature signature = signatures.get(node);
    return signature != null
        && slot.isPresent()
        && signature.admits(slot.get(), target)
        && !slot.get().equals(SECONDARY.get(nodes.get(node).opType()));
  }

  /**
   * Finds an input that must have the type of what turns, but whose own type nobody knows: it comes
   * from a function or from an operator of another domain, and has no declaration.
   */
  Optional<String> unknownInput(int node) {
    List<String> read = nodes.get(node).inputs();
    OperatorTypes.Signature signature = signatures.get(node);
    for (int i = 0; signature != null && i < read.size(); i++) {
      boolean unknown = !read.get(i).isEmpty() && !types.containsKey(read.get(i));
      if (unknown && turns(node, signature.input(i))) {
        return Optional.of(read.get(i));
      }
    }
    return Optional.empty();
  }

  /** Tells whether the first output is in single precision; else the first input is looked at. */
  private boolean makesSingle(int node) {
    List<String> made = nodes.get(node).outputs();
    return !made.isEmpty() && isSingle(made.get(0));
  }

  /** Tells whether the specification has the operator in the wanted type at the model's opset. */
  boolean isAdmitted(int node) {
    OperatorTypes.Signature signature = signatures.get(node);
    if (signature == null) {
      return false;
    }
    Optional<String> slot = makesSingle(node) ? signature.output(0) : signature.input(0);
    return slot.filter(s -> signature.admits(s, target)).isPresent();
  }

  /** The first newer opset that has the operator in the wanted type. */
  Optional<Integer> firstAdmitting(int node) {
    Node n = nodes.get(node);
    return n.domain().isEmpty()
        ? operators.firstAdmitting(n.opType(), makesSingle(node), target, opset)
        : Optional.empty();
  }
}

package io.inferc.rewrite.internal;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.spi.OperatorUse;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What is known of the tensors of a main graph before it is edited. */
public final class GraphFacts implements OperatorUse.Facts {
  private final Graph graph;
  private final int opset;
  private final Map<String, DataType> types;
  private final Map<String, Initializer> constants = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> consumers = new HashMap<>();
  private final Set<String> operators = new HashSet<>();

  private GraphFacts(OnnxModel model) {
    graph = model.graph();
    opset = model.opset();
    types = TensorTypes.of(graph, new OperatorTypes(), opset);
    graph.initializers().forEach(i -> constants.put(i.name(), i));
    // An initializer of the same name as an input is only its default.
    graph.inputs().stream().map(ValueInfo::name).forEach(constants::remove);
    for (Node node : graph.nodes()) {
      Constants.value(node).ifPresent(c -> constants.put(node.outputs().get(0), c));
      node.inputs().forEach(this::countReader);
      node.subgraphs().forEach(this::countReaders);
      node.outputs().forEach(output -> producers.put(output, node));
      new HashSet<>(node.inputs())
          .forEach(i -> consumers.computeIfAbsent(i, x -> new ArrayList<>()).add(node));
    }
    graph.outputs().forEach(o -> countReader(o.name()));
    collect(graph.nodes());
    model.functions().forEach(f -> collect(f.nodes()));
  }

  private void collect(List<Node> nodes) {
    for (Node node : nodes) {
      operators.add(node.opType());
      node.subgraphs().forEach(g -> collect(g.nodes()));
    }
  }

  /**
   * Counts what the graph inside of a node reads of this one, and tensors of the same names too.
   */
  private void countReaders(Graph inner) {
    for (Node node : inner.nodes()) {
      node.inputs().forEach(this::countReader);
      node.subgraphs().forEach(this::countReaders);
    }
    inner.outputs().forEach(o -> countReader(o.name()));
  }

  private void countReader(String tensor) {
    readers.merge(tensor, 1, Integer::sum);
  }

  public static GraphFacts of(OnnxModel model) {
    return new GraphFacts(model);
  }

  /** Returns a node of the graph as kernels meet it. */
  public OperatorUse use(Node node) {
    return new OperatorUse(node, opset, this);
  }

  @Override
  public Optional<DataType> type(String tensor) {
    return Optional.ofNullable(types.get(tensor));
  }

  @Override
  public Optional<List<Dimension>> dimensions(String tensor) {
    Initializer constant = constants.get(tensor);
    return constant != null
        ? constant.spec().shape().dimensions()
        : graph.declared(tensor).flatMap(t -> t.shape().dimensions());
  }

  @Override
  public Optional<Initializer> constant(String tensor) {
    return Optional.ofNullable(constants.get(tensor));
  }

  @Override
  public OptionalInt readers(String tensor) {
    return OptionalInt.of(readers.getOrDefault(tensor, 0));
  }

  @Override
  public Optional<Node> producer(String tensor) {
    return Optional.ofNullable(producers.get(tensor));
  }

  @Override
  public List<Node> consumers(String tensor) {
    return Collections.unmodifiableList(consumers.getOrDefault(tensor, List.of()));
  }

  @Override
  public Optional<Set<String>> operators() {
    return Optional.of(Collections.unmodifiableSet(operators));
  }
}

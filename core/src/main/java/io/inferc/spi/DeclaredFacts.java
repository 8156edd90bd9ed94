package io.inferc.spi;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a model says by itself of the tensors of one graph, and of those around it. */
final class DeclaredFacts implements OperatorUse.Facts {
  private final @Nullable Graph graph;
  private final @Nullable DeclaredFacts outer;
  private final Map<String, Node> producers = new HashMap<>();
  private final Set<String> inputs = new HashSet<>();

  private DeclaredFacts(@Nullable Graph graph, List<Node> nodes, @Nullable DeclaredFacts outer) {
    this.graph = graph;
    this.outer = outer;
    for (Node node : nodes) {
      node.outputs().forEach(output -> producers.put(output, node));
    }
    if (graph != null) {
      graph.inputs().stream().map(ValueInfo::name).forEach(inputs::add);
    }
  }

  static DeclaredFacts of(Graph graph) {
    return new DeclaredFacts(graph, graph.nodes(), null);
  }

  /** Of a function, whose tensors are declared where it is called. */
  static DeclaredFacts of(List<Node> body) {
    return new DeclaredFacts(null, body, null);
  }

  DeclaredFacts inside(Graph inner) {
    return new DeclaredFacts(inner, inner.nodes(), this);
  }

  @Override
  public Optional<DataType> type(String tensor) {
    return declared(tensor).map(TensorSpec::type);
  }

  @Override
  public Optional<List<Dimension>> dimensions(String tensor) {
    return declared(tensor).flatMap(spec -> spec.shape().dimensions());
  }

  private Optional<TensorSpec> declared(String tensor) {
    if (constant(tensor).isPresent()) {
      return constant(tensor).map(Initializer::spec);
    }
    Optional<TensorSpec> here = graph == null ? Optional.empty() : graph.declared(tensor);
    return here.isEmpty() && outer != null && isOutside(tensor) ? outer.declared(tensor) : here;
  }

  @Override
  public Optional<Initializer> constant(String tensor) {
    Node node = producers.get(tensor);
    if (node != null) {
      return node.opType().equals("Constant")
          ? node.attribute("value").map(Attribute::asTensor)
          : Optional.empty();
    }
    // An initializer of the same name as an input is only its default.
    if (inputs.contains(tensor)) {
      return Optional.empty();
    }
    Optional<Initializer> here = graph == null ? Optional.empty() : graph.initializer(tensor);
    return here.isEmpty() && outer != null ? outer.constant(tensor) : here;
  }

  @Override
  public Optional<Node> producer(String tensor) {
    Node node = producers.get(tensor);
    return node == null && outer != null && isOutside(tensor)
        ? outer.producer(tensor)
        : Optional.ofNullable(node);
  }

  private boolean isOutside(String tensor) {
    return !producers.containsKey(tensor) && !inputs.contains(tensor);
  }
}

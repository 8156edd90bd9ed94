package io.inferc.rewrite.internal;

import static io.inferc.tensor.DataType.FLOAT32;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** A graph under edit, with the questions that passes ask of it. */
public final class GraphView {
  private final Graph graph;
  private final GraphEditor editor;
  private final GraphScope scope;
  private final Set<String> outputs = new HashSet<>();
  private final LocalShapes shapes = new LocalShapes(this);

  public GraphView(Graph graph, GraphScope scope) {
    this.graph = graph;
    this.editor = graph.edit();
    this.scope = scope;
    for (ValueInfo output : graph.outputs()) {
      outputs.add(output.name());
    }
  }

  public GraphEditor editor() {
    return editor;
  }

  public GraphScope scope() {
    return scope;
  }

  public boolean isOutput(String tensor) {
    return outputs.contains(tensor);
  }

  /** What the graph declared of a tensor before it was edited. */
  public Optional<TensorSpec> declared(String tensor) {
    return graph.declared(tensor);
  }

  /** The declared number of dimensions. */
  Optional<Integer> rank(String tensor) {
    return declared(tensor).flatMap(s -> s.shape().dimensions()).map(List::size);
  }

  /** The declared last dimension, if it is fixed. */
  Optional<Long> lastDimension(String tensor) {
    return declared(tensor)
        .flatMap(s -> s.shape().dimensions())
        .filter(d -> !d.isEmpty())
        .map(d -> d.get(d.size() - 1))
        .filter(Dimension::isFixed)
        .map(d -> d.size().getAsLong());
  }

  /** What can be told of shapes that are not declared. */
  public LocalShapes shapes() {
    return shapes;
  }

  /**
   * Tells whether FLOAT32 constants of one element that nodes read may give the result more
   * dimensions than a tensor has that they are applied to.
   */
  public boolean raisesRank(Collection<Node> nodes, String tensor) {
    int most = 0;
    for (Node node : nodes) {
      for (int i = 0; i < node.inputs().size(); i++) {
        Optional<Initializer> constant = constant(node, i).filter(c -> c.type() == FLOAT32);
        if (constant.isPresent() && constant.get().elementCount() == 1) {
          most = Math.max(most, constant.get().dims().length);
        }
      }
    }
    return most > 0 && most > shapes.leastRank(tensor);
  }

  /** The value of a tensor that never changes: an initializer or the output of a Constant node. */
  public Optional<Initializer> constant(String tensor) {
    Optional<Initializer> here = editor.initializer(tensor);
    if (here.isPresent()) {
      return here.filter(i -> !scope.isOverridable(tensor));
    }
    Optional<Node> producer = editor.producer(tensor);
    return producer.isPresent() ? producer.flatMap(Constants::value) : scope.outerConstant(tensor);
  }

  /** The constant at an input of a node. */
  public Optional<Initializer> constant(Node node, int input) {
    return node.input(input).flatMap(this::constant);
  }

  /** The value of a constant with one element, of FLOAT32. */
  public OptionalDouble scalar(Node node, int input) {
    Optional<Initializer> constant =
        constant(node, input).filter(c -> c.type() == FLOAT32 && c.elementCount() == 1);
    return constant.isPresent()
        ? OptionalDouble.of(constant.get().floats()[0])
        : OptionalDouble.empty();
  }

  /** Tells whether one input is a FLOAT32 constant of one element with that value. */
  public boolean isScalar(Node node, int input, double value, double relativeTolerance) {
    OptionalDouble found = scalar(node, input);
    return found.isPresent()
        && Math.abs(found.getAsDouble() - value) <= relativeTolerance * Math.abs(value);
  }

  /** The integers at an input of a node, if they are constant. */
  public Optional<long[]> longs(Node node, int input) {
    return constant(node, input).filter(c -> c.type().isInteger()).map(Initializer::longs);
  }

  /** The axes of a reduction, whether they are an attribute or an input; empty if unknown. */
  Optional<long[]> axes(Node node) {
    Optional<Attribute> attribute = node.attribute("axes");
    return attribute.isPresent() ? attribute.map(Attribute::asInts) : longs(node, 1);
  }

  /** The node that makes an input, if it is a standard operator of that type. */
  public Optional<Node> producer(Node node, int input, String operator) {
    return node.input(input).flatMap(editor::producer).filter(n -> is(n, operator));
  }

  /** The only node that reads a tensor, if no graph returns it and none inside a node reads it. */
  public Optional<Node> soleReader(String tensor) {
    // A constant may have as many readers as the graph has nodes: count before looking.
    if (outputs.contains(tensor) || editor.consumerCount(tensor) != 1) {
      return Optional.empty();
    }
    Node reader = editor.consumers(tensor).get(0);
    return reader.inputs().contains(tensor) && !reader.hasSubgraphs()
        ? Optional.of(reader)
        : Optional.empty();
  }

  /** The only reader of a node's first output, if it is a standard operator of that type. */
  public Optional<Node> soleReader(Node node, String operator) {
    return soleReader(node.outputs().get(0)).filter(n -> is(n, operator));
  }

  public static boolean is(Node node, String operator) {
    return node.opType().equals(operator) && node.domain().isEmpty();
  }

  /** The other input of a node with two inputs. */
  public static String other(Node node, String input) {
    return node.inputs().get(node.inputs().get(0).equals(input) ? 1 : 0);
  }

  /** Removes a constant that no node reads any more. */
  public void removeIfUnread(String constant) {
    if (editor.consumerCount(constant) == 0
        && !outputs.contains(constant)
        && !scope.isOverridable(constant)) {
      if (editor.initializer(constant).isPresent()) {
        editor.removeInitializer(constant).removeValueInfo(constant);
      } else {
        editor.producer(constant).filter(Constants::isNode).ifPresent(editor::remove);
      }
    }
  }
}

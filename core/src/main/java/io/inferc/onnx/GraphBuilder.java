package io.inferc.onnx;

import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Builds a {@link Graph} from nothing.
 *
 * <pre>{@code
 * Graph g = Graph.builder("add")
 *     .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
 *     .initializer(Initializer.floats("one", new float[] {1}))
 *     .node(Node.of("Add", List.of("x", "one"), List.of("y")))
 *     .output(TensorSpec.of("y", DataType.FLOAT32, "n"))
 *     .build();
 * }</pre>
 */
public final class GraphBuilder {
  private final GraphProto rest;
  private final Set<String> inputNames = new HashSet<>();
  private final Set<String> initializerNames = new HashSet<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Initializer> initializers = new ArrayList<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();
  private final List<ValueInfo> valueInfos = new ArrayList<>();

  GraphBuilder(String name) {
    rest = GraphProto.newBuilder().setName(name).build();
  }

  /**
   * Adds an input.
   *
   * @param spec name, type and shape
   * @return this
   * @throws IllegalArgumentException if there is an input of that name
   */
  public GraphBuilder input(TensorSpec spec) {
    Objects.requireNonNull(spec, "spec");
    requireNew(inputNames, "an input", spec.name());
    inputs.add(ValueInfo.of(spec));
    return this;
  }

  /**
   * Adds an output.
   *
   * @param spec name, type and shape
   * @return this
   */
  public GraphBuilder output(TensorSpec spec) {
    Objects.requireNonNull(spec, "spec");
    return output(ValueInfo.of(spec));
  }

  /**
   * Adds an output of any declaration.
   *
   * @param info the declaration
   * @return this
   */
  public GraphBuilder output(ValueInfo info) {
    Objects.requireNonNull(info, "info");
    outputs.add(info);
    return this;
  }

  /**
   * Declares the type of a tensor between nodes.
   *
   * @param spec name, type and shape
   * @return this
   */
  public GraphBuilder valueInfo(TensorSpec spec) {
    Objects.requireNonNull(spec, "spec");
    valueInfos.add(ValueInfo.of(spec));
    return this;
  }

  /**
   * Adds a constant.
   *
   * @param initializer the constant
   * @return this
   * @throws IllegalArgumentException if there is a constant of that name
   */
  public GraphBuilder initializer(Initializer initializer) {
    Objects.requireNonNull(initializer, "initializer");
    requireNew(initializerNames, "a constant", initializer.name());
    initializers.add(initializer);
    return this;
  }

  /**
   * Adds a node after those added before.
   *
   * @param node the node
   * @return this
   */
  public GraphBuilder node(Node node) {
    Objects.requireNonNull(node, "node");
    nodes.add(node);
    return this;
  }

  private void requireNew(Set<String> names, String what, String name) {
    if (!names.add(name)) {
      throw new IllegalArgumentException(
          "Tried to add "
              + what
              + " named '"
              + name
              + "' to the graph '"
              + rest.getName()
              + "', but it has one of that name already.");
    }
  }

  /**
   * Makes the graph. It is not checked; {@link OnnxModel#check()} does that.
   *
   * @return the graph
   */
  public Graph build() {
    return new Graph(rest, ExternalFiles.NONE, nodes, initializers, inputs, outputs, valueInfos);
  }
}

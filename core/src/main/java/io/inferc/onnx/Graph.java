package io.inferc.onnx;

import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.SparseTensorProto;
import io.inferc.tensor.TensorSpec;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A graph of nodes in topological order, with its inputs, outputs and constants.
 *
 * <p>Immutable and thread-safe; {@link #edit()} makes changed copies that share what did not
 * change.
 */
public final class Graph {
  // Everything of the message but the five lists below: name, unknown fields and all.
  private final GraphProto rest;
  private final ExternalFiles files;
  private final List<Node> nodes;
  private final List<Initializer> initializers;
  private final List<ValueInfo> inputs;
  private final List<ValueInfo> outputs;
  private final List<ValueInfo> valueInfos;
  private final Map<String, Initializer> initializerByName;
  // Made when first asked for, perhaps by two threads alike.
  private volatile @Nullable Map<String, ValueInfo> declarations;
  // What the editor of this graph knew, for the first editor after it; given up when memory is
  // short.
  private final AtomicReference<@Nullable SoftReference<NodeList>> index = new AtomicReference<>();
  private volatile boolean sorted;

  Graph(
      GraphProto rest,
      ExternalFiles files,
      List<Node> nodes,
      List<Initializer> initializers,
      List<ValueInfo> inputs,
      List<ValueInfo> outputs,
      List<ValueInfo> valueInfos) {
    this.rest = rest;
    this.files = files;
    this.nodes = List.copyOf(nodes);
    this.initializers = List.copyOf(initializers);
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.valueInfos = List.copyOf(valueInfos);
    initializerByName = new HashMap<>(2 * initializers.size());
    this.initializers.forEach(i -> initializerByName.putIfAbsent(i.name(), i));
  }

  static Graph of(GraphProto proto, ExternalFiles files) {
    GraphProto rest =
        proto.toBuilder()
            .clearNode()
            .clearInitializer()
            .clearInput()
            .clearOutput()
            .clearValueInfo()
            .build();
    return new Graph(
        rest,
        files,
        proto.getNodeList().stream().map(n -> new Node(n, files)).toList(),
        proto.getInitializerList().stream().map(t -> new Initializer(t, files)).toList(),
        proto.getInputList().stream().map(ValueInfo::new).toList(),
        proto.getOutputList().stream().map(ValueInfo::new).toList(),
        proto.getValueInfoList().stream().map(ValueInfo::new).toList());
  }

  GraphProto toProto() {
    GraphProto.Builder proto = rest.toBuilder();
    nodes.forEach(n -> proto.addNode(n.proto()));
    initializers.forEach(i -> proto.addInitializer(i.proto()));
    inputs.forEach(v -> proto.addInput(v.proto()));
    outputs.forEach(v -> proto.addOutput(v.proto()));
    valueInfos.forEach(v -> proto.addValueInfo(v.proto()));
    return proto.build();
  }

  /** Notes that the nodes are in order, with an index of just these if there is one to keep. */
  void keepOrder(@Nullable NodeList list) {
    sorted = true;
    if (list != null) {
      list.settle();
      index.set(new SoftReference<>(list));
    }
  }

  /** Gives out an index of the nodes for the caller to change. */
  NodeList takeIndex() {
    SoftReference<NodeList> kept = index.getAndSet(null);
    NodeList list = kept == null ? null : kept.get();
    return list != null ? list : new NodeList(nodes, sorted);
  }

  /** Takes back an index that nobody changed. */
  void returnIndex(NodeList list) {
    index.set(new SoftReference<>(list));
  }

  GraphProto rest() {
    return rest;
  }

  ExternalFiles files() {
    return files;
  }

  /**
   * Starts a graph.
   *
   * @param name the graph's name
   * @return a builder
   */
  public static GraphBuilder builder(String name) {
    Objects.requireNonNull(name, "name");
    return new GraphBuilder(name);
  }

  /**
   * Starts a changed copy.
   *
   * @return an editor over this graph, which itself stays as it is
   */
  public GraphEditor edit() {
    return new GraphEditor(this);
  }

  /**
   * Returns the name.
   *
   * @return the name
   */
  public String name() {
    return rest.getName();
  }

  /**
   * Returns the nodes.
   *
   * @return in topological order, if the model is valid
   */
  public List<Node> nodes() {
    return nodes;
  }

  /**
   * Returns the dense constants.
   *
   * @return in the model's order
   */
  public List<Initializer> initializers() {
    return initializers;
  }

  /**
   * Finds a dense constant.
   *
   * @param name the tensor's name
   * @return the constant, or empty
   */
  public Optional<Initializer> initializer(String name) {
    Objects.requireNonNull(name, "name");
    return Optional.ofNullable(initializerByName.get(name));
  }

  /**
   * Returns the sparse constants.
   *
   * @return in the model's order
   */
  public List<SparseInitializer> sparseInitializers() {
    return rest.getSparseInitializerList().stream()
        .map(s -> new SparseInitializer(s, files))
        .toList();
  }

  /**
   * Returns the declared inputs, also those that only give a constant a type (IR version 3).
   *
   * @return in the model's order
   */
  public List<ValueInfo> inputs() {
    return inputs;
  }

  /**
   * Returns the inputs a caller must give: those without a constant of the same name.
   *
   * @return in the model's order
   */
  public List<ValueInfo> requiredInputs() {
    return inputs.stream().filter(i -> !initializerByName.containsKey(i.name())).toList();
  }

  /**
   * Returns the outputs.
   *
   * @return in the model's order
   */
  public List<ValueInfo> outputs() {
    return outputs;
  }

  /**
   * Returns the types the model declares for tensors between its nodes.
   *
   * @return in the model's order
   */
  public List<ValueInfo> valueInfos() {
    return valueInfos;
  }

  /**
   * Finds what the model declares of a tensor: an input, an output, a tensor between nodes or a
   * constant.
   *
   * @param name the tensor's name
   * @return the specification, or empty if nothing is declared
   */
  public Optional<TensorSpec> declared(String name) {
    Objects.requireNonNull(name, "name");
    Map<String, ValueInfo> index = declarations;
    if (index == null) {
      index = new HashMap<>();
      for (List<ValueInfo> list : List.of(inputs, outputs, valueInfos)) {
        for (ValueInfo v : list) {
          index.putIfAbsent(v.name(), v);
        }
      }
      declarations = index;
    }
    ValueInfo declaration = index.get(name);
    return declaration != null ? declaration.tensor() : initializer(name).map(Initializer::spec);
  }

  /**
   * Returns the names this graph gives to tensors itself: inputs, constants and node outputs.
   *
   * @return names, without the empty one
   */
  public Set<String> definedNames() {
    Set<String> defined = new HashSet<>(initializerByName.keySet());
    inputs.forEach(i -> defined.add(i.name()));
    for (SparseTensorProto s : rest.getSparseInitializerList()) {
      defined.add(s.getValues().getName());
    }
    for (Node n : nodes) {
      defined.addAll(n.outputs());
    }
    defined.remove("");
    return defined;
  }

  /**
   * Returns the names that this graph, as part of a node, reads from the graphs around it.
   *
   * @return names in the order they are read
   */
  public Set<String> outerNames() {
    Set<String> outer = new LinkedHashSet<>();
    for (Node n : nodes) {
      outer.addAll(n.reads());
    }
    outputs.forEach(o -> outer.add(o.name()));
    outer.removeAll(definedNames());
    return outer;
  }

  /** Renames what this graph reads from outside; names it defines itself are its own. */
  @SuppressWarnings("ReferenceEquality") // An untouched node is the same object.
  Graph mapOuterNames(UnaryOperator<String> rename) {
    Set<String> defined = definedNames();
    UnaryOperator<String> outerOnly = n -> defined.contains(n) ? n : rename.apply(n);
    boolean changed = false;
    List<Node> mapped = new ArrayList<>(nodes.size());
    for (Node n : nodes) {
      Node m = n.mapReads(outerOnly);
      changed |= m != n;
      mapped.add(m);
    }
    List<ValueInfo> mappedOutputs = new ArrayList<>();
    for (ValueInfo o : outputs) {
      String name = outerOnly.apply(o.name());
      changed |= !name.equals(o.name());
      mappedOutputs.add(name.equals(o.name()) ? o : o.withName(name));
    }
    return changed
        ? new Graph(rest, files, mapped, initializers, inputs, mappedOutputs, valueInfos)
        : this;
  }

  /** Returns whether two graphs have nodes of the same content, for tests and caches. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Graph g && Contents.of(g).sameAs(Contents.of(this));
  }

  @Override
  public int hashCode() {
    return nodes.hashCode() * 31 + initializerByName.keySet().hashCode();
  }

  /** Returns the graph as text, a line a node; constants by name and shape only. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("graph ").append(name()).append(inputs).append(" {\n");
    initializers.forEach(i -> text.append("  const ").append(i).append('\n'));
    nodes.forEach(n -> text.append("  ").append(n).append('\n'));
    return text.append("} -> ").append(outputs).toString();
  }
}

package io.inferc.onnx;

import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes a changed copy of a graph.
 *
 * <p>Every edit takes constant time apart from the tensors it touches, and {@link #build()} is
 * linear in the size of the graph, so rewriting a graph of 50,000 nodes node by node is cheap.
 * Nodes need not be kept in order while editing: {@code build()} sorts them, leaving the order
 * alone where it is right. Not thread-safe.
 *
 * <pre>{@code
 * GraphEditor editor = graph.edit();
 * for (Node relu : graph.nodes()) {
 *   if (relu.opType().equals("Relu")) {
 *     editor.replace(relu, relu.toBuilder().opType("LeakyRelu").build());
 *   }
 * }
 * Graph leaky = editor.build();
 * }</pre>
 */
@SuppressWarnings("ReferenceEquality") // What an edit did not touch is the same object.
public final class GraphEditor {
  private final GraphProto rest;
  private final ExternalFiles files;
  private final EditedNodes nodes;
  private final Declarations declarations;
  private final NamePool names;
  private final Renames renames = new Renames();

  GraphEditor(Graph graph) {
    rest = graph.rest();
    files = graph.files();
    declarations = new Declarations(graph);
    nodes = new EditedNodes(graph);
    names = new NamePool(graph);
  }

  /**
   * Returns the nodes as they are now.
   *
   * @return a copy of the list, in the order of editing; {@link #build()} sorts it
   */
  public List<Node> nodes() {
    return nodes.toRead().toList();
  }

  /**
   * Returns the node that stands where another one was put: edits of its inputs and outputs make
   * copies of a node, and any of these copies may be passed to this editor.
   *
   * @param node a node of the graph, as it is or as it was
   * @return the node as it is now, or empty if it was removed or never there
   */
  public Optional<Node> current(Node node) {
    Objects.requireNonNull(node, "node");
    return nodes.toRead().current(node);
  }

  /**
   * Returns the node that makes a tensor.
   *
   * @param tensor the tensor's name
   * @return the node, or empty for inputs, constants and unknown names
   */
  public Optional<Node> producer(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    return nodes.toRead().producer(tensor);
  }

  /**
   * Returns the nodes that read a tensor, those whose graphs read it included.
   *
   * @param tensor the tensor's name
   * @return the nodes, without duplicates
   */
  public List<Node> consumers(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    return nodes.toRead().consumers(tensor);
  }

  /**
   * Tells whether a tensor is an input of the graph, one with a default included.
   *
   * @param tensor the tensor's name
   * @return true if the graph declares it as an input
   */
  public boolean isInput(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    return declarations.isInput(tensor);
  }

  /**
   * Counts the nodes that read a tensor, those whose graphs read it included, in constant time.
   *
   * @param tensor the tensor's name
   * @return 0 if nobody reads it
   */
  public int consumerCount(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    return nodes.toRead().consumerCount(tensor);
  }

  /**
   * Tells whether a tensor is an output of the graph.
   *
   * @param tensor the tensor's name
   * @return true if the graph returns it
   */
  public boolean isOutput(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    return declarations.isOutput(tensor);
  }

  /**
   * Returns a constant.
   *
   * @param tensor the tensor's name
   * @return the constant, or empty
   */
  public Optional<Initializer> initializer(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    return declarations.initializer(tensor);
  }

  /**
   * Replaces a node by others, which stand in its place.
   *
   * @param node a node of this graph, the very object or what it was before an edit
   * @param replacement the nodes to put there; none to remove it
   * @return this
   * @throws IllegalArgumentException if the node is not in the graph (any more)
   */
  public GraphEditor replace(Node node, Node... replacement) {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(replacement, "replacement");
    NodeList list = nodes.toChange();
    Optional<Node> former = list.current(node);
    former.ifPresent(declarations::replaced);
    if (replacement.length == 1 && former.isPresent()) {
      list.replace(node, replacement[0]);
      names.addNew(former.get(), replacement[0]);
    } else {
      list.insertBefore(node, replacement);
      list.remove(node);
      noteNames(replacement);
    }
    return this;
  }

  /**
   * Removes a node.
   *
   * @param node a node of this graph, the very object
   * @return this
   * @throws IllegalArgumentException if the node is not in the graph (any more)
   */
  public GraphEditor remove(Node node) {
    Objects.requireNonNull(node, "node");
    return replace(node);
  }

  /**
   * Inserts nodes before another.
   *
   * @param node a node of this graph, the very object
   * @param inserted the new nodes
   * @return this
   * @throws IllegalArgumentException if the node is not in the graph (any more)
   */
  public GraphEditor insertBefore(Node node, Node... inserted) {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(inserted, "inserted");
    nodes.toChange().insertBefore(node, inserted);
    noteNames(inserted);
    return this;
  }

  /**
   * Inserts nodes after another.
   *
   * @param node a node of this graph, the very object
   * @param inserted the new nodes
   * @return this
   * @throws IllegalArgumentException if the node is not in the graph (any more)
   */
  public GraphEditor insertAfter(Node node, Node... inserted) {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(inserted, "inserted");
    nodes.toChange().insertAfter(node, inserted);
    noteNames(inserted);
    return this;
  }

  /**
   * Adds nodes at the end.
   *
   * @param added the new nodes
   * @return this
   */
  public GraphEditor append(Node... added) {
    Objects.requireNonNull(added, "added");
    NodeList list = nodes.toChange();
    for (Node n : added) {
      list.append(n);
    }
    noteNames(added);
    return this;
  }

  private void noteNames(Node... added) {
    for (Node n : added) {
      names.add(n);
    }
  }

  /**
   * Makes every reader of a tensor read another instead. Outputs of the graph keep their names:
   * where the tensor is one, the caller decides who makes it.
   *
   * @param tensor the tensor read so far
   * @param replacement the tensor to read instead
   * @return this
   */
  public GraphEditor replaceUses(String tensor, String replacement) {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(replacement, "replacement");
    for (Node reader : consumers(tensor)) {
      replaceInPlace(reader, reader.mapReads(n -> n.equals(tensor) ? replacement : n));
    }
    return this;
  }

  private void replaceInPlace(Node before, Node after) {
    if (after != before) {
      nodes.toChange().replace(before, after);
    }
  }

  /**
   * Gives a tensor another name everywhere: where it is made, read, declared and returned.
   *
   * @param tensor the name so far
   * @param name the new name, not in use
   * @return this
   * @throws IllegalArgumentException if the new name is in use, or there is no such tensor
   */
  public GraphEditor renameTensor(String tensor, String name) {
    Objects.requireNonNull(tensor, "tensor");
    Objects.requireNonNull(name, "name");
    if (!names.contains(tensor)) {
      throw new IllegalArgumentException(
          "Tried to rename the tensor '" + tensor + "', but the graph has none of that name.");
    }
    if (!names.claim(name)) {
      throw new IllegalArgumentException(
          "Tried to rename the tensor '"
              + tensor
              + "' to '"
              + name
              + "', but that name is in use. Take one from freshName().");
    }
    replaceUses(tensor, name);
    producer(tensor).ifPresent(n -> replaceInPlace(n, n.renameOutput(tensor, name)));
    renames.add(tensor, name);
    declarations.rename(tensor, name);
    return this;
  }

  /**
   * Adds a constant, or replaces the one of that name.
   *
   * @param constant the constant
   * @return this
   */
  public GraphEditor putInitializer(Initializer constant) {
    Objects.requireNonNull(constant, "constant");
    declarations.putInitializer(constant);
    names.add(constant.name());
    return this;
  }

  /**
   * Removes a constant, if it is there.
   *
   * @param tensor the tensor's name
   * @return this
   */
  public GraphEditor removeInitializer(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    declarations.removeInitializer(tensor);
    return this;
  }

  /**
   * Adds an input.
   *
   * @param spec name, type and shape
   * @return this
   */
  public GraphEditor addInput(TensorSpec spec) {
    Objects.requireNonNull(spec, "spec");
    declarations.addInput(spec);
    names.add(spec.name());
    return this;
  }

  /**
   * Removes an input, if it is there.
   *
   * @param tensor the tensor's name
   * @return this
   */
  public GraphEditor removeInput(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    declarations.removeInput(tensor);
    return this;
  }

  /**
   * Adds an output.
   *
   * @param info the tensor and what is known of its type
   * @return this
   */
  public GraphEditor addOutput(ValueInfo info) {
    Objects.requireNonNull(info, "info");
    declarations.addOutput(info);
    return this;
  }

  /**
   * Removes an output, if it is there.
   *
   * @param tensor the tensor's name
   * @return this
   */
  public GraphEditor removeOutput(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    declarations.removeOutput(tensor);
    return this;
  }

  /**
   * Declares the type of a tensor between nodes.
   *
   * @param spec name, type and shape
   * @return this
   */
  public GraphEditor putValueInfo(TensorSpec spec) {
    Objects.requireNonNull(spec, "spec");
    declarations.putValueInfo(spec);
    return this;
  }

  /**
   * Removes the declared type of a tensor between nodes, which a rewrite may have made untrue.
   *
   * @param tensor the tensor's name
   * @return this
   */
  public GraphEditor removeValueInfo(String tensor) {
    Objects.requireNonNull(tensor, "tensor");
    declarations.removeValueInfo(tensor);
    return this;
  }

  /**
   * Makes up a name for a tensor or node that nothing in the graph or its subgraphs has, and takes
   * it.
   *
   * @param hint what the name starts with
   * @return the hint itself if it is free, or else with a number
   */
  public String freshName(String hint) {
    Objects.requireNonNull(hint, "hint");
    return names.fresh(hint);
  }

  /**
   * Makes the changed graph. Editing may go on from there; nodes as they were before are then no
   * longer known.
   *
   * @return a new graph in topological order
   * @throws ModelFormatException if the nodes form a cycle
   */
  public Graph build() {
    NodeList list = nodes.toRead();
    declarations.dropUnmade(list);
    boolean inOrder = list.isSorted();
    List<Node> ordered = inOrder ? list.toList() : TopologicalOrder.sort(list.toList());
    Graph built =
        new Graph(
            renames.apply(rest),
            files,
            ordered,
            declarations.initializers(),
            declarations.inputs(),
            declarations.outputs(),
            declarations.valueInfos());
    nodes.handOver(built, inOrder);
    return built;
  }

  /**
   * Gives back what this editor knows of its graph, after looking without changing any node: the
   * next editor of the graph need not look for it again. Where nodes were changed, it does nothing.
   */
  public void giveBack() {
    nodes.giveBack();
  }
}

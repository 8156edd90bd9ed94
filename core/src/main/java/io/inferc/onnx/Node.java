package io.inferc.onnx;

import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.NodeProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One application of an operator: its inputs and outputs by tensor name, and its attributes.
 *
 * <p>Immutable and thread-safe. An empty name among the inputs or outputs stands for one that is
 * left out.
 *
 * <pre>{@code
 * Node conv = Node.builder("Conv").name("conv1").inputs("x", "w").outputs("y")
 *     .attribute(Attribute.ofInts("strides", 2, 2)).build();
 * }</pre>
 */
@SuppressWarnings("ReferenceEquality") // What an edit did not touch is the same object.
public final class Node {
  private final NodeProto proto;
  private int hash;
  private final ExternalFiles files;
  // Asked of every node in every pass; threads that find it out at once find the same.
  private @Nullable Boolean holdsGraphs;

  Node(NodeProto proto, ExternalFiles files) {
    this.proto = proto;
    this.files = files;
  }

  /**
   * Makes a node of the default domain without a name or attributes.
   *
   * @param opType the operator
   * @param inputs the input tensors
   * @param outputs the output tensors
   * @return the node
   */
  public static Node of(String opType, List<String> inputs, List<String> outputs) {
    Objects.requireNonNull(opType, "opType");
    Objects.requireNonNull(inputs, "inputs");
    Objects.requireNonNull(outputs, "outputs");
    return builder(opType)
        .inputs(inputs.toArray(String[]::new))
        .outputs(outputs.toArray(String[]::new))
        .build();
  }

  /**
   * Starts a node.
   *
   * @param opType the operator
   * @return a builder
   */
  public static Builder builder(String opType) {
    Objects.requireNonNull(opType, "opType");
    return new Builder(NodeProto.newBuilder().setOpType(opType), ExternalFiles.NONE);
  }

  /**
   * Starts a copy of this node.
   *
   * @return a builder with everything this node has
   */
  public Builder toBuilder() {
    return new Builder(proto.toBuilder(), files);
  }

  /**
   * Returns the name, which may be empty and need not be unique.
   *
   * @return the name
   */
  public String name() {
    return proto.getName();
  }

  /**
   * Returns what reports call this node.
   *
   * @return the name, or where it is empty that of the first tensor it makes
   */
  public String label() {
    return name().isEmpty() && proto.getOutputCount() > 0 ? proto.getOutput(0) : name();
  }

  /**
   * Returns the operator.
   *
   * @return for example {@code Conv}
   */
  public String opType() {
    return proto.getOpType();
  }

  /**
   * Returns the operator's domain; the default domain is the empty text, however it is spelled.
   *
   * @return for example {@code com.microsoft}
   */
  public String domain() {
    return Entries.domain(proto.getDomain());
  }

  /**
   * Returns what tells functions of one name apart.
   *
   * @return the overload, mostly empty
   */
  public String overload() {
    return proto.getOverload();
  }

  /**
   * Returns the input tensors.
   *
   * @return names, empty for inputs left out
   */
  public List<String> inputs() {
    return proto.getInputList();
  }

  /**
   * Returns the output tensors.
   *
   * @return names, empty for outputs left out
   */
  public List<String> outputs() {
    return proto.getOutputList();
  }

  /**
   * Returns one input.
   *
   * @param index the input's position
   * @return the tensor's name, or empty if it is left out
   */
  public Optional<String> input(int index) {
    return index < proto.getInputCount() && !proto.getInput(index).isEmpty()
        ? Optional.of(proto.getInput(index))
        : Optional.empty();
  }

  /**
   * Returns the attributes.
   *
   * @return in the model's order
   */
  public List<Attribute> attributes() {
    if (proto.getAttributeCount() == 0) {
      return List.of();
    }
    List<Attribute> attributes = new ArrayList<>(proto.getAttributeCount());
    for (AttributeProto a : proto.getAttributeList()) {
      attributes.add(new Attribute(a, files));
    }
    return Collections.unmodifiableList(attributes);
  }

  /**
   * Finds an attribute.
   *
   * @param name the attribute's name
   * @return the attribute, or empty
   */
  public Optional<Attribute> attribute(String name) {
    Objects.requireNonNull(name, "name");
    for (AttributeProto a : proto.getAttributeList()) {
      if (a.getName().equals(name)) {
        return Optional.of(new Attribute(a, files));
      }
    }
    return Optional.empty();
  }

  /**
   * Returns an integer attribute.
   *
   * @param name the attribute's name
   * @param otherwise the operator's default
   * @return the value, or the default if there is no such attribute
   */
  public long intAttribute(String name, long otherwise) {
    Objects.requireNonNull(name, "name");
    return attribute(name).map(Attribute::asInt).orElse(otherwise);
  }

  /**
   * Returns the notes that tools leave on a node.
   *
   * @return free text by key
   */
  public Map<String, String> metadata() {
    return Entries.toMap(proto.getMetadataPropsList());
  }

  /**
   * Tells whether this node holds graphs, as If, Loop and Scan do.
   *
   * @return true if an attribute holds a graph
   */
  public boolean hasSubgraphs() {
    Boolean known = holdsGraphs;
    if (known == null) {
      known = findSubgraphs();
      holdsGraphs = known;
    }
    return known;
  }

  private boolean findSubgraphs() {
    for (int i = 0; i < proto.getAttributeCount(); i++) {
      AttributeProto a = proto.getAttribute(i);
      if (a.hasG() || a.getGraphsCount() > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns the graphs this node holds.
   *
   * @return in the order of the attributes
   */
  public List<Graph> subgraphs() {
    return hasSubgraphs()
        ? attributes().stream().flatMap(a -> a.graphs().stream()).toList()
        : List.of();
  }

  /**
   * Returns every tensor this node reads: its inputs, and what its graphs read from outside.
   *
   * @return names, without the empty one
   */
  public Set<String> reads() {
    Set<String> reads = new LinkedHashSet<>(proto.getInputList());
    for (Graph g : subgraphs()) {
      reads.addAll(g.outerNames());
    }
    reads.remove("");
    return reads;
  }

  /** Every tensor this node reads, perhaps more than once and with the empty name among them. */
  Collection<String> readsWithRepeats() {
    // Asked of every node of a graph again and again, where building a set would be half the time.
    return hasSubgraphs() ? reads() : proto.getInputList();
  }

  /**
   * Returns a copy that reads other tensors, inside its graphs too.
   *
   * @param rename gives the new name for each name read; the same name to leave it
   * @return the copy, or this node if nothing changes
   */
  public Node mapReads(UnaryOperator<String> rename) {
    Objects.requireNonNull(rename, "rename");
    NodeProto renamed = Renames.reads(proto, files, rename);
    return renamed == proto ? this : new Node(renamed, files);
  }

  Node renameOutput(String from, String to) {
    return new Node(Renames.output(proto, from, to), files);
  }

  NodeProto proto() {
    return proto;
  }

  ExternalFiles files() {
    return files;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Node n && Contents.of(n).sameAs(Contents.of(this));
  }

  @Override
  public int hashCode() {
    // Passes keep nodes in sets and ask for it again and again; a race finds the same number twice.
    int known = hash;
    if (known == 0) {
      known = Objects.hash(opType(), name(), proto.getInputList(), proto.getOutputList());
      hash = known;
    }
    return known;
  }

  /** Returns text such as {@code conv1: y = Conv(x, w) {strides=[2, 2]}}. */
  @Override
  public String toString() {
    return (name().isEmpty() ? "" : name() + ": ")
        + String.join(", ", outputs())
        + " = "
        + (domain().isEmpty() ? "" : domain() + ".")
        + opType()
        + "("
        + String.join(", ", inputs())
        + ")"
        + (proto.getAttributeCount() == 0 ? "" : " " + attributes());
  }

  /** Builds a {@link Node}. */
  public static final class Builder {
    private final NodeProto.Builder proto;
    private ExternalFiles files;

    private Builder(NodeProto.Builder proto, ExternalFiles files) {
      this.proto = proto;
      this.files = files;
    }

    /**
     * Sets the name.
     *
     * @param name the name
     * @return this
     */
    public Builder name(String name) {
      Objects.requireNonNull(name, "name");
      proto.setName(name);
      return this;
    }

    /**
     * Sets the operator.
     *
     * @param opType the operator
     * @return this
     */
    public Builder opType(String opType) {
      Objects.requireNonNull(opType, "opType");
      proto.setOpType(opType);
      return this;
    }

    /**
     * Sets the operator's domain.
     *
     * @param domain the domain
     * @return this
     */
    public Builder domain(String domain) {
      Objects.requireNonNull(domain, "domain");
      proto.setDomain(domain);
      return this;
    }

    /**
     * Sets the input tensors, replacing those there were.
     *
     * @param names the names, empty for inputs left out
     * @return this
     */
    public Builder inputs(String... names) {
      Objects.requireNonNull(names, "names");
      proto.clearInput().addAllInput(List.of(names));
      return this;
    }

    /**
     * Sets the output tensors, replacing those there were.
     *
     * @param names the names, empty for outputs left out
     * @return this
     */
    public Builder outputs(String... names) {
      Objects.requireNonNull(names, "names");
      proto.clearOutput().addAllOutput(List.of(names));
      return this;
    }

    /**
     * Sets an attribute, replacing one of the same name.
     *
     * @param attribute the attribute
     * @return this
     */
    public Builder attribute(Attribute attribute) {
      Objects.requireNonNull(attribute, "attribute");
      removeAttribute(attribute.name());
      if (TensorProtos.isBound(attribute.proto())) {
        unite(attribute);
      } else {
        proto.addAttribute(attribute.proto());
      }
      return this;
    }

    private void unite(Attribute attribute) {
      FilesUnion union = new FilesUnion();
      List<AttributeProto> present = List.copyOf(proto.getAttributeList());
      present.forEach(a -> TensorProtos.attribute(a, t -> union.see(t, files)));
      TensorProtos.attribute(attribute.proto(), t -> union.see(t, attribute.files()));
      proto.clearAttribute();
      for (AttributeProto a : present) {
        proto.addAttribute(TensorProtos.attribute(a, t -> union.rebind(t, files)));
      }
      proto.addAttribute(
          TensorProtos.attribute(attribute.proto(), t -> union.rebind(t, attribute.files())));
      files = union.files();
    }

    /**
     * Removes an attribute, if it is there.
     *
     * @param name the attribute's name
     * @return this
     */
    public Builder removeAttribute(String name) {
      Objects.requireNonNull(name, "name");
      if (proto.getAttributeCount() == 0) {
        return this;
      }
      List<AttributeProto> kept = new ArrayList<>(proto.getAttributeList());
      if (kept.removeIf(a -> a.getName().equals(name))) {
        proto.clearAttribute().addAllAttribute(kept);
      }
      return this;
    }

    /**
     * Makes the node.
     *
     * @return the node
     */
    public Node build() {
      return new Node(proto.build(), files);
    }
  }
}

package io.inferc.onnx;

import io.inferc.onnx.internal.proto.FunctionProto;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An operator that the model defines itself, as nodes of other operators.
 *
 * <p>Immutable and thread-safe.
 */
public final class Function {
  private final FunctionProto proto;
  private final ExternalFiles files;

  Function(FunctionProto proto, ExternalFiles files) {
    this.proto = proto;
    this.files = files;
  }

  /**
   * Returns the name by which nodes call it.
   *
   * @return the operator's name
   */
  public String name() {
    return proto.getName();
  }

  /**
   * Returns the domain it belongs to.
   *
   * @return the domain
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
   * Returns the names of its inputs.
   *
   * @return in order
   */
  public List<String> inputs() {
    return Collections.unmodifiableList(proto.getInputList());
  }

  /**
   * Returns the names of its outputs.
   *
   * @return in order
   */
  public List<String> outputs() {
    return Collections.unmodifiableList(proto.getOutputList());
  }

  /**
   * Returns the nodes it is made of.
   *
   * @return in topological order
   */
  public List<Node> nodes() {
    return proto.getNodeList().stream().map(n -> new Node(n, files)).toList();
  }

  /**
   * Returns the operator sets its nodes come from.
   *
   * @return version by domain, the default domain as the empty text
   */
  public Map<String, Integer> opsets() {
    return Entries.opsets(proto.getOpsetImportList());
  }

  /** Returns a copy with other nodes and another version of the default operator set. */
  Function withNodes(List<Node> nodes, int opset) {
    FunctionProto.Builder copy = proto.toBuilder().clearNode();
    nodes.forEach(n -> copy.addNode(n.proto()));
    for (int i = 0; i < copy.getOpsetImportCount(); i++) {
      if (Entries.domain(copy.getOpsetImport(i).getDomain()).isEmpty()) {
        copy.setOpsetImport(i, copy.getOpsetImport(i).toBuilder().setVersion(opset));
      }
    }
    return new Function(copy.build(), files);
  }

  FunctionProto proto() {
    return proto;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Function f
        && f.proto.toBuilder().clearNode().build().equals(proto.toBuilder().clearNode().build())
        && f.nodes().equals(nodes());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  /** Returns domain, name and signature. */
  @Override
  public String toString() {
    return domain() + "." + name() + inputs() + " -> " + outputs();
  }
}

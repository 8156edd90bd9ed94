package io.inferc.onnx;

import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.AttributeProto.AttributeType;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The values of attributes: whether one is of the type it says, and those that are written out. */
final class AttributeValues {
  // Writers of the proto3 flavour leave out zeros, empty texts and empty lists.
  private static final Set<AttributeType> MAY_BE_ABSENT =
      EnumSet.of(
          AttributeType.FLOAT,
          AttributeType.INT,
          AttributeType.STRING,
          AttributeType.FLOATS,
          AttributeType.INTS,
          AttributeType.STRINGS,
          AttributeType.TENSORS,
          AttributeType.GRAPHS,
          AttributeType.SPARSE_TENSORS,
          AttributeType.TYPE_PROTOS);

  private AttributeValues() {}

  /** An attribute of a kind whose value is its own, and no reference to a function's parameter. */
  static Optional<Attribute> written(Node node, String name, Attribute.Kind kind) {
    return node.attribute(name)
        .filter(a -> a.kind() == kind && a.proto().getRefAttrName().isEmpty());
  }

  /** The value of an integer attribute that is written out. */
  static Optional<Long> integer(Node node, String name) {
    return written(node, name, Attribute.Kind.INT).map(Attribute::asInt);
  }

  static boolean agree(AttributeProto a) {
    Set<AttributeType> present = present(a);
    if (a.getType() == AttributeType.UNDEFINED) {
      // IR version 1 gave no types.
      return present.size() == 1;
    }
    return present.isEmpty()
        ? MAY_BE_ABSENT.contains(a.getType())
        : present.equals(EnumSet.of(a.getType()));
  }

  private static Set<AttributeType> present(AttributeProto a) {
    Set<AttributeType> present = EnumSet.noneOf(AttributeType.class);
    add(present, AttributeType.FLOAT, a.hasF());
    add(present, AttributeType.INT, a.hasI());
    add(present, AttributeType.STRING, a.hasS());
    add(present, AttributeType.TENSOR, a.hasT());
    add(present, AttributeType.GRAPH, a.hasG());
    add(present, AttributeType.SPARSE_TENSOR, a.hasSparseTensor());
    add(present, AttributeType.TYPE_PROTO, a.hasTp());
    add(present, AttributeType.FLOATS, a.getFloatsCount() > 0);
    add(present, AttributeType.INTS, a.getIntsCount() > 0);
    add(present, AttributeType.STRINGS, a.getStringsCount() > 0);
    add(present, AttributeType.TENSORS, a.getTensorsCount() > 0);
    add(present, AttributeType.GRAPHS, a.getGraphsCount() > 0);
    add(present, AttributeType.SPARSE_TENSORS, a.getSparseTensorsCount() > 0);
    add(present, AttributeType.TYPE_PROTOS, a.getTypeProtosCount() > 0);
    return present;
  }

  private static void add(Set<AttributeType> present, AttributeType type, boolean isThere) {
    if (isThere) {
      present.add(type);
    }
  }
}

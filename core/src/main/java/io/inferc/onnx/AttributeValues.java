package io.inferc.onnx;

import io.inferc.onnx.internal.proto.AttributeProto;

/** Whether the value of an attribute is of the type it says. */
final class AttributeValues {
  private AttributeValues() {}

  static boolean agree(AttributeProto a) {
    return switch (a.getType()) {
      case TENSOR -> a.hasT();
      case GRAPH -> a.hasG();
      case SPARSE_TENSOR -> a.hasSparseTensor();
      case TYPE_PROTO -> a.hasTp();
      // Writers of the proto3 flavour leave out zeros and empty lists, and IR version 1 gave no
      // types.
      default -> true;
    };
  }
}

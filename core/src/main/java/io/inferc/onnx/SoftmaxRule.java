package io.inferc.onnx;

import java.util.List;

/**
 * Softmax, LogSoftmax and Hardmax up to opset 12 flattened their input to a matrix at {@code axis}
 * and worked along its rows; from 13 on they work along {@code axis} alone. Both are the same where
 * the axis is the last one; otherwise the flattening is written out.
 */
final class SoftmaxRule {
  private static final long OLD_DEFAULT = 1;

  private SoftmaxRule() {}

  static List<Node> apply(OpsetRules.Site site) {
    Node node = site.node();
    long axis = node.intAttribute("axis", OLD_DEFAULT);
    Integer rank = site.ranks().get(node.inputs().get(0));
    boolean last = axis == -1 || (rank != null && axis == rank - 1);
    if (last) {
      return List.of(node.toBuilder().attribute(Attribute.of("axis", -1)).build());
    }
    String shape = site.newName("shape");
    String flat = site.newName("flat");
    String rows = site.newName("rows");
    return List.of(
        Node.of("Shape", List.of(node.inputs().get(0)), List.of(shape)),
        Node.builder("Flatten")
            .inputs(node.inputs().get(0))
            .outputs(flat)
            .attribute(Attribute.of("axis", axis))
            .build(),
        node.toBuilder().inputs(flat).outputs(rows).attribute(Attribute.of("axis", -1)).build(),
        Node.of("Reshape", List.of(rows, shape), node.outputs()));
  }
}

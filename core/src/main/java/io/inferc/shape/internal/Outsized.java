package io.inferc.shape.internal;

import io.inferc.onnx.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The largest tensor that a node makes whatever the data, if none of its sizes is zero.
 *
 * @param node the node
 * @param output the name of its output
 * @param elements how many elements it has at least; infinite if that or its rank is beyond all
 *     bounds
 * @param text its shape, for messages
 */
public record Outsized(Node node, String output, double elements, String text) {
  static @Nullable Outsized larger(@Nullable Outsized former, Node node, int output, Facts facts) {
    List<Size> shape = facts.shape();
    if (shape == null) {
      return former;
    }
    double elements = 1;
    for (Size size : shape) {
      if (size.is(0)) {
        return former;
      }
      elements *= Math.max(1, size.bounds().min());
    }
    return former == null || elements > former.elements()
        ? new Outsized(node, node.outputs().get(output), elements, "the shape " + shape)
        : former;
  }

  static Outsized beyondBounds(Node node, String what) {
    return new Outsized(node, node.outputs().get(0), Double.POSITIVE_INFINITY, what);
  }
}

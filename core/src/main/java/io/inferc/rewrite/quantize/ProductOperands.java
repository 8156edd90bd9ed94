package io.inferc.rewrite.quantize;

import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.spi.IntegerKernels;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Finds the quantized tensors that have no zero points, since products of activations read them.
 */
final class ProductOperands {
  private ProductOperands() {}

  /**
   * Looks at who reads the integers.
   *
   * @param kernels whether such products take zero points
   * @param quantized the quantized tensors, and the nodes that read their integers
   * @param origins from which tensor each takes its scale
   * @param layers the quantized layers
   * @param followers tells through which nodes integers only pass
   * @return those of the origins whose integers reach products of two activations and nothing else;
   *     none if these take zero points
   */
  static Set<String> signed(
      IntegerKernels kernels,
      Map<String, Set<Node>> quantized,
      Map<String, String> origins,
      Map<Node, MatrixLayer> layers,
      Followers followers) {
    if (!kernels.signedProducts()) {
      return Set.of();
    }
    Set<String> read = new HashSet<>();
    Set<String> others = new HashSet<>();
    quantized.forEach(
        (tensor, nodes) -> {
          String origin = Objects.requireNonNull(origins.get(tensor));
          for (Node node : nodes) {
            MatrixLayer layer = layers.get(node);
            if (layer != null && layer.weights() == null) {
              read.add(origin);
            } else if (layer != null || !followers.isTransparent(node)) {
              others.add(origin);
            }
          }
        });
    read.removeAll(others);
    return read;
  }
}

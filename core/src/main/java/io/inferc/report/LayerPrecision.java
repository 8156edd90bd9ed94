package io.inferc.report;

import java.util.List;

/**
 * What a convolution or matrix product computes in, against what the model says.
 *
 * @param node the node's name, or its first output where it has none
 * @param operator its operator
 * @param asked what the model says: {@code FP32}, {@code FP16} or {@code BF16} by the type of its
 *     weights, {@code INT8} where both factors come from a DequantizeLinear
 * @param got what its kernels compute in, in the same words where the runtime's are known
 * @param kernels what the runtime calls these kernels
 */
public record LayerPrecision(
    String node, String operator, String asked, List<String> got, List<String> kernels) {
  public LayerPrecision {
    got = List.copyOf(got);
    kernels = List.copyOf(kernels);
  }

  /**
   * Tells whether a kernel computes as the model says.
   *
   * @return false if all compute in something else
   */
  public boolean isAsAsked() {
    return got.contains(asked);
  }
}

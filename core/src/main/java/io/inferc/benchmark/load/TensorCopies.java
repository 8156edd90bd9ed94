package io.inferc.benchmark.load;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies whose memory the collector frees, since requests have no owner that closes them. */
final class TensorCopies {
  private TensorCopies() {}

  static TensorRequest request(Map<String, Tensor> sample) {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    sample.forEach((name, tensor) -> copies.put(name, copy(tensor)));
    return TensorRequest.of(copies);
  }

  private static Tensor copy(Tensor tensor) {
    if (tensor.type() == DataType.STRING) {
      return Tensor.ofStrings(tensor.strings(), tensor.shape());
    }
    ByteBuffer bytes = tensor.bytes();
    ByteBuffer copy = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.nativeOrder());
    copy.put(bytes.duplicate()).flip();
    return Tensor.wrap(copy, tensor.type(), tensor.shape());
  }
}

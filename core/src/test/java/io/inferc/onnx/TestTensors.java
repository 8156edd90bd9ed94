package io.inferc.onnx;

import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;

/** Tensors of messages, for tests of other packages. */
public final class TestTensors {
  private TestTensors() {}

  /**
   * Copies the values of a message.
   *
   * @param proto a tensor with its values inside
   * @return the tensor, which the caller closes
   */
  public static Tensor of(TensorProto proto) {
    Initializer constant = new Initializer(proto, ExternalFiles.holding(List.of()));
    if (constant.type() == DataType.STRING) {
      return Tensor.ofStrings(constant.strings(), constant.dims());
    }
    Tensor tensor = Tensor.allocate(constant.type(), constant.dims());
    ByteBuffer into = tensor.bytes();
    constant.chunks().forEach(into::put);
    return tensor;
  }
}

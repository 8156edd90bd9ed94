package io.inferc.backend.migraphx;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;

/** A model whose outputs the library keeps in other forms than the model declares. */
final class OutputForms {
  private OutputForms() {}

  /** Makes [2, 3] and a scalar into the transposed matrix and the sum of all with the scalar. */
  static OnnxModel model() {
    return OnnxModel.of(
        Graph.builder("forms")
            .input(TensorSpec.of("x", DataType.FLOAT32, "2, 3"))
            .input(TensorSpec.of("s", DataType.FLOAT32, ""))
            .node(
                Node.builder("Transpose")
                    .inputs("x")
                    .outputs("t")
                    .attribute(Attribute.ofInts("perm", 1, 0))
                    .build())
            .node(
                Node.builder("ReduceSum")
                    .inputs("x")
                    .outputs("sum")
                    .attribute(Attribute.of("keepdims", 0))
                    .build())
            .node(Node.of("Add", List.of("sum", "s"), List.of("total")))
            .output(TensorSpec.of("t", DataType.FLOAT32, "3, 2"))
            .output(TensorSpec.of("total", DataType.FLOAT32, ""))
            .build(),
        17);
  }
}

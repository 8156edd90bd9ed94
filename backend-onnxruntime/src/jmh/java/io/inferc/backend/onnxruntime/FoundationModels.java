package io.inferc.backend.onnxruntime;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The models and inputs that the benchmarks share. */
final class FoundationModels {
  private static final int VOCABULARY = 30_000;

  private FoundationModels() {}

  static OnnxModel tinyAdd() {
    return OnnxModel.of(
        Graph.builder("tiny-add")
            .input(TensorSpec.of("x", DataType.FLOAT32, 16))
            .initializer(Initializer.floats("one", new float[] {1}, 1))
            .node(Node.of("Add", List.of("x", "one"), List.of("y")))
            .output(TensorSpec.of("y", DataType.FLOAT32, 16))
            .build(),
        17);
  }

  static Map<String, Tensor> tokens(int batch, int length) {
    long[] ids = new long[batch * length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = 1000 + (i * 7919L) % VOCABULARY % 28_000;
    }
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("input_ids", Tensor.of(ids, batch, length));
    inputs.put("attention_mask", Tensor.of(ones, batch, length));
    inputs.put("token_type_ids", Tensor.of(new long[ids.length], batch, length));
    return inputs;
  }
}

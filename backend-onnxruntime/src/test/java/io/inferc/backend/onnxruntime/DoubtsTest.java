package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What users are told of answers that are others than the model says. */
class DoubtsTest {
  private static OnnxModel quantized(String shape) {
    return OnnxModel.of(
        Graph.builder("scores")
            .input(TensorSpec.of("x", DataType.FLOAT32, shape))
            .initializer(Initializer.floats("s", DataType.FLOAT32, new float[] {0.1f}))
            .initializer(Initializer.floats("t", DataType.FLOAT32, new float[] {1f / 255}))
            .initializer(Initializer.longs("z", DataType.UINT8, new long[] {0}))
            .node(Node.of("QuantizeLinear", List.of("x", "s", "z"), List.of("q")))
            .node(Node.of("DequantizeLinear", List.of("q", "s", "z"), List.of("d")))
            .node(Node.of("Softmax", List.of("d"), List.of("p")))
            .node(Node.of("QuantizeLinear", List.of("p", "t", "z"), List.of("r")))
            .node(Node.of("DequantizeLinear", List.of("r", "t", "z"), List.of("y")))
            .output(TensorSpec.of("y", DataType.FLOAT32, shape))
            .build(),
        17);
  }

  @Test
  void aQuantizedSoftmaxOfOneElementIsSaid() {
    try (CompiledModel model =
            Compiler.forTarget(Target.onnxRuntime()).build().compile(quantized("2, n"));
        Tensor one = Tensor.of(new float[] {3, 4}, 2, 1);
        Tensor wrong = model.run(Map.of("x", one)).get("y")) {
      // Once ONNX Runtime gives 1 here, nothing need be said.
      assertEquals(0, wrong.toFloatArray()[0]);
      assertTrue(
          model.warnings().stream().anyMatch(w -> w.contains("Softmax 'p'") && w.contains("0")),
          () -> model.warnings().toString());
    }
  }

  @Test
  void aLongerAxisIsNoDoubt() {
    assertEquals(List.of(), Doubts.of(quantized("n, 4")));
    assertEquals(1, Doubts.of(quantized("4, 1")).size());
  }
}

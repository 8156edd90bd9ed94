package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.InfercException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What ONNX Runtime computes wrongly, or ends at, is refused, and what is like it is right. */
class FaultyNodesTest {
  private static OnnxModel transform(String... inputs) {
    return OnnxModel.of(
        Graph.builder("dft")
            .input(TensorSpec.of("x", DataType.FLOAT32, 1, 2, 2))
            .initializer(Initializer.longs("axis", new long[] {1}))
            .node(Node.of("DFT", List.of(inputs), List.of("y")))
            .output(ValueInfo.untyped("y"))
            .build(),
        20);
  }

  private static OnnxModel unpool(String... inputs) {
    return OnnxModel.of(
        Graph.builder("unpool")
            .input(TensorSpec.of("x", DataType.FLOAT32, 1, 1, 1, 1))
            .initializer(Initializer.longs("i", new long[] {3}, 1, 1, 1, 1))
            .initializer(Initializer.longs("s", new long[] {1, 1, 3, 3}, 4))
            .node(
                Node.builder("MaxUnpool")
                    .inputs(inputs)
                    .outputs("y")
                    .attribute(Attribute.ofInts("kernel_shape", 2, 2))
                    .attribute(Attribute.ofInts("strides", 2, 2))
                    .build())
            .output(ValueInfo.untyped("y"))
            .build(),
        11);
  }

  private static OnnxModel attention(long mode) {
    return OnnxModel.of(
        Graph.builder("attention")
            .input(TensorSpec.of("x", DataType.FLOAT32, 1, 1, 2, 2))
            .node(
                Node.builder("Attention")
                    .inputs("x", "x", "x")
                    .outputs("y", "", "", "scores")
                    .attribute(Attribute.of("is_causal", 1))
                    .attribute(Attribute.of("qk_matmul_output_mode", mode))
                    .build())
            .output(ValueInfo.untyped("scores"))
            .build(),
        23);
  }

  private static String refusal(OnnxModel model) {
    Compiler compiler = Compiler.forTarget(Target.onnxRuntime()).build();
    return assertThrows(InfercException.class, () -> compiler.compile(model)).problem();
  }

  private static float[] run(OnnxModel model, Tensor x) {
    try (CompiledModel compiled = Compiler.forTarget(Target.onnxRuntime()).build().compile(model);
        Outputs outputs = compiled.run(Map.of("x", x))) {
      return outputs.values().iterator().next().toFloatArray();
    }
  }

  @Test
  void aTransformWithAnAxisWithoutANameWouldEndTheProcess() {
    for (OnnxModel fatal : List.of(transform("x", "", ""))) {
      String problem = refusal(fatal);
      assertTrue(problem.contains("would end the whole process"), problem);
      assertTrue(problem.contains("'axis'"), problem);
    }
    Tensor x = Tensor.of(new float[] {1, 0, 3, 0}, 1, 2, 2);
    for (OnnxModel right : List.of(transform("x"), transform("x", "", "axis"))) {
      assertArrayEquals(new float[] {4, 0, -2, 0}, run(right, x), 1e-6f);
    }
  }

  @Test
  void anUnpoolingOfAShapeWouldPutNumbersElsewhere() {
    assertTrue(refusal(unpool("x", "i", "s")).contains("output_shape"));
    assertArrayEquals(
        new float[] {0, 0, 0, 5}, run(unpool("x", "i"), Tensor.of(new float[] {5}, 1, 1, 1, 1)));
  }

  @Test
  void scoresBehindACausalMaskWouldLackIt() {
    assertTrue(refusal(attention(2)).contains("qk_matmul_output_mode"));
    float half = (float) Math.sqrt(0.5);
    assertArrayEquals(
        new float[] {half, 0, 0, half},
        run(attention(0), Tensor.of(new float[] {1, 0, 0, 1}, 1, 1, 2, 2)),
        1e-5f);
  }
}

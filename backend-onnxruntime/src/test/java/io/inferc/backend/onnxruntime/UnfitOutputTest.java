package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.InfercException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Outputs that are not as the model or ONNX Runtime declares them. */
class UnfitOutputTest {
  /** A label for each row, declared as one label, as converters of tree models write it. */
  private static CompiledModel oneLabel() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("labels")
                .input(TensorSpec.of("x", DataType.FLOAT32, "?, 3"))
                .output(TensorSpec.of("label", DataType.INT64, "1"))
                .output(TensorSpec.of("sum", DataType.FLOAT32, "?, 3"))
                .node(
                    Node.builder("ArgMax")
                        .inputs("x")
                        .outputs("label")
                        .attribute(Attribute.of("axis", 1))
                        .attribute(Attribute.of("keepdims", 0))
                        .build())
                .node(Node.of("Add", List.of("x", "x"), List.of("sum")))
                .build(),
            17);
    return Compiler.forTarget(Target.onnxRuntime()).build().compile(model);
  }

  private static Tensor rows(int count) {
    float[] values = new float[count * 3];
    for (int i = 0; i < count; i++) {
      values[i * 3 + i % 3] = 1;
    }
    return Tensor.of(values, count, 3);
  }

  @Test
  void anOutputThatIsLongerThanDeclaredIsReturnedWhole() {
    try (CompiledModel model = oneLabel()) {
      for (int count : new int[] {1, 2, 5, 1}) {
        Map<String, Tensor> outputs = model.run(Map.of("x", rows(count)));
        assertArrayEquals(new long[] {count}, outputs.get("label").shape());
        assertEquals((count - 1) % 3, outputs.get("label").toLongArray()[count - 1]);
        assertEquals(2f, outputs.get("sum").toFloatArray()[0]);
      }
      assertEquals(1, model.warnings().size());
      assertTrue(model.warnings().get(0).contains("label: "), model.warnings().get(0));
    }
  }

  @Test
  void aBoundSessionReturnsItToo() {
    try (CompiledModel model = oneLabel();
        InferenceSession session = model.newSession()) {
      for (int count : new int[] {1, 3, 2}) {
        session.input("x", count, 3).copyFrom(rows(count));
        session.run();
        assertArrayEquals(new long[] {count}, session.output("label").shape());
        assertArrayEquals(new long[] {count, 3}, session.output("sum").shape());
      }
    }
  }

  @Test
  void attentionWhoseShapeIsInferredWrongGivesWhatItComputes() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("attention")
                .input(TensorSpec.of("q", DataType.FLOAT32, "batch, queries, width"))
                .input(TensorSpec.of("k", DataType.FLOAT32, "batch, keys, width"))
                .input(TensorSpec.of("v", DataType.FLOAT32, "batch, keys, width"))
                .output(new TensorSpec("y", DataType.FLOAT32, TensorShape.unknownRank()))
                .node(
                    Node.builder("Attention")
                        .inputs("q", "k", "v")
                        .outputs("y")
                        .attribute(Attribute.of("q_num_heads", 2))
                        .attribute(Attribute.of("kv_num_heads", 2))
                        .build())
                .build(),
            23);
    try (CompiledModel compiled = Compiler.forTarget(Target.onnxRuntime()).build().compile(model)) {
      float[] ones = new float[2 * 3 * 8];
      Arrays.fill(ones, 1);
      Map<String, Tensor> outputs =
          compiled.run(
              Map.of(
                  "q", Tensor.of(ones, 2, 3, 8),
                  "k", Tensor.of(ones, 2, 3, 8),
                  "v", Tensor.of(ones, 2, 3, 8)));
      assertArrayEquals(new long[] {2, 3, 8}, outputs.get("y").shape());
      assertEquals(1f, outputs.get("y").toFloatArray()[47], 1e-6);
    }
  }

  @Test
  void aRunThatFailsForAnotherReasonStillFails() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("i", DataType.INT64, "n"))
                .output(TensorSpec.of("y", DataType.FLOAT32, "n"))
                .initializer(Initializer.floats("table", new float[4], 4))
                .node(Node.of("Gather", List.of("table", "i"), List.of("y")))
                .build(),
            17);
    try (CompiledModel compiled = Compiler.forTarget(Target.onnxRuntime()).build().compile(model)) {
      assertThrows(
          InfercException.class, () -> compiled.run(Map.of("i", Tensor.of(new long[] {9}, 1))));
    }
  }
}

package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Outputs that are not as the model declares them are returned as OpenVINO computes them. */
class UnfitOutputTest {
  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static CompiledModel compile(Graph graph) {
    return Compiler.forTarget(Target.openVino()).build().compile(OnnxModel.of(graph, 17));
  }

  /** A label for each row, declared as two labels, as exporters write what they saw in one run. */
  private static CompiledModel twoLabels() {
    return compile(
        Graph.builder("labels")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n, 3"))
            .output(TensorSpec.of("label", DataType.INT64, "2"))
            .output(TensorSpec.of("sum", DataType.FLOAT32, "n, 3"))
            .node(
                Node.builder("ArgMax")
                    .inputs("x")
                    .outputs("label")
                    .attribute(Attribute.of("axis", 1))
                    .attribute(Attribute.of("keepdims", 0))
                    .build())
            .node(Node.of("Add", List.of("x", "x"), List.of("sum")))
            .build());
  }

  private static Tensor rows(int count) {
    float[] values = new float[count * 3];
    for (int i = 0; i < count; i++) {
      values[i * 3 + i % 3] = 1;
    }
    return Tensor.of(values, count, 3);
  }

  private static void assertLabels(int count, Map<String, Tensor> outputs) {
    assertArrayEquals(new long[] {count}, outputs.get("label").shape());
    assertEquals((count - 1) % 3, outputs.get("label").toLongArray()[count - 1]);
    assertEquals(2f, outputs.get("sum").toFloatArray()[0]);
  }

  @Test
  void anOutputThatIsLongerOrShorterThanDeclaredIsReturnedWhole() {
    for (int first : new int[] {1, 5}) {
      try (CompiledModel model = twoLabels()) {
        for (int count : new int[] {first, 2, 3, 1}) {
          try (Outputs outputs = model.run(Map.of("x", rows(count)))) {
            assertLabels(count, outputs);
          }
        }
        assertEquals(1, model.warnings().size());
        assertTrue(model.warnings().get(0).contains("label: "), model.warnings().get(0));
      }
    }
  }

  @Test
  void anAsynchronousRunReturnsItToo() {
    for (int first : new int[] {1, 5}) {
      try (CompiledModel model = twoLabels()) {
        for (int count : new int[] {first, 2, 3, 1}) {
          try (Outputs outputs = model.runAsync(Map.of("x", rows(count))).join()) {
            assertLabels(count, outputs);
          }
        }
      }
    }
  }

  @Test
  void aBoundSessionReturnsItToo() {
    try (CompiledModel model = twoLabels();
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
  void anOutputOfAnotherShapeButAsManyBytesHasTheShapeThatWasComputed() {
    try (CompiledModel model =
            compile(
                Graph.builder("turned")
                    .input(TensorSpec.of("x", DataType.FLOAT32, "n, m"))
                    .output(TensorSpec.of("y", DataType.FLOAT32, "2, 3"))
                    .node(Node.of("Transpose", List.of("x"), List.of("y")))
                    .build());
        Outputs outputs = model.run(Map.of("x", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)))) {
      assertArrayEquals(new long[] {3, 2}, outputs.tensor("y").shape());
      assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, outputs.tensor("y").toFloatArray());
    }
  }

  @Test
  void aScalarIsOneWhateverIsDeclared() {
    for (long[] declared : new long[][] {{}, {1}, {1, 1}}) {
      try (CompiledModel model =
          compile(
              Graph.builder("sum")
                  .input(TensorSpec.of("x", DataType.FLOAT32, "n, m"))
                  .output(TensorSpec.of("y", DataType.FLOAT32, declared))
                  .node(
                      Node.builder("ReduceSum")
                          .inputs("x")
                          .outputs("y")
                          .attribute(Attribute.of("keepdims", 0))
                          .build())
                  .build())) {
        for (int i = 0; i < 2; i++) {
          try (Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
              Outputs outputs = model.run(Map.of("x", x))) {
            assertArrayEquals(new long[0], outputs.tensor("y").shape());
            assertArrayEquals(new float[] {21}, outputs.tensor("y").toFloatArray());
          }
        }
      }
    }
  }
}

package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What users are told of answers that may differ by little, or seldom. */
class DoubtsTest {
  private static final double FINE = 1e-12;

  private static OnnxModel fine() {
    return OnnxModel.of(
        Graph.builder("fine")
            .input(TensorSpec.of("x", DataType.FLOAT64, 1))
            .initializer(Initializer.floats("one", DataType.FLOAT64, new float[] {1}, 1))
            .node(Node.of("Sub", List.of("x", "one"), List.of("y")))
            .output(TensorSpec.of("y", DataType.FLOAT64, 1))
            .build(),
        17);
  }

  @Test
  void doublePrecisionThatIsSingleIsSaid() {
    TestLibrary.require();
    try (CompiledModel inDouble = Compiler.forTarget(Target.onnxRuntime()).build().compile(fine());
        CompiledModel inSingle = Compiler.forTarget(TestLibrary.target()).build().compile(fine());
        Tensor x = Tensor.of(new double[] {1 + FINE}, 1);
        Tensor right = inDouble.run(Map.of("x", x)).get("y");
        Tensor found = inSingle.run(Map.of("x", x)).get("y")) {
      assertEquals(FINE, right.toDoubleArray()[0], FINE / 100);
      assertNotEquals(FINE, found.toDoubleArray()[0], FINE / 2);
      assertEquals(List.of(), inDouble.warnings());
      assertTrue(
          inSingle.warnings().stream().anyMatch(w -> w.contains("FLOAT64") && w.contains("'x'")),
          () -> inSingle.warnings().toString());
    }
  }

  @Test
  void openSizesOnOneThreadAreSaidUnlessAProfileFixesThem() {
    TestLibrary.require();
    OpenVinoOptions one = OpenVinoOptions.builder().threads(1).build();
    Compiler.Builder compiler = Compiler.forTarget(TestLibrary.target().options(one));
    try (CompiledModel open = compiler.build().compile(largest("n"));
        CompiledModel closed = compiler.build().compile(largest("3"))) {
      assertTrue(
          open.warnings().stream().anyMatch(w -> w.startsWith("On one thread OpenVINO")),
          open.warnings()::toString);
      assertEquals(List.of(), closed.warnings());
    }
    ShapeProfile fixed = ShapeProfile.named("three").fixed("n", 3);
    ShapeProfile ranging = ShapeProfile.named("some").range("n", 1, 2, 3);
    assertTrue(Doubts.ofOneThread(true, largest("n"), List.of(fixed)).isEmpty());
    assertTrue(Doubts.ofOneThread(true, largest("n"), List.of(fixed, ranging)).isPresent());
    assertTrue(Doubts.ofOneThread(false, largest("n"), List.of()).isEmpty());
  }

  @Test
  void doublePrecisionInsideIsFoundToo() {
    Node cast =
        Node.builder("Cast").inputs("x").outputs("d").attribute(Attribute.of("to", 11L)).build();
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("inside")
                .input(TensorSpec.of("x", DataType.FLOAT32, 1))
                .node(cast)
                .node(Node.of("Exp", List.of("d"), List.of("e")))
                .node(cast.toBuilder().inputs("e").outputs("y").build())
                .output(TensorSpec.of("y", DataType.FLOAT32, 1))
                .build(),
            17);
    assertTrue(Doubts.of(model).get(0).contains("Cast 'd'"));
  }

  private static OnnxModel largest(String rows) {
    return OnnxModel.of(
        Graph.builder("largest")
            .input(TensorSpec.of("x", DataType.FLOAT32, rows + ", 4"))
            .initializer(Initializer.longs("k", new long[] {2}, 1))
            .node(Node.of("TopK", List.of("x", "k"), List.of("y", "i")))
            .output(TensorSpec.of("y", DataType.FLOAT32, rows + ", 2"))
            .build(),
        17);
  }

  @Test
  void theOrderOfEqualValuesIsSaidWhereSizesAreOpen() {
    assertTrue(Doubts.of(largest("n")).get(0).contains("TopK"));
    assertEquals(List.of(), Doubts.of(largest("3")));
  }
}

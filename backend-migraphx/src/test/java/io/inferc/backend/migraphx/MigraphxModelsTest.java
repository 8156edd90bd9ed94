package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.InfercException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.SaveOptions;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ContractModels;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What models may hold, and how those that MIGraphX cannot do are refused. */
class MigraphxModelsTest extends OnTheLibrary {
  @Test
  void anOperatorWithoutOpenDimensionsIsNamedWithTheOptionToLeaveOff() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("open")
                .input(TensorSpec.of("x", DataType.FLOAT32, "rows, 3"))
                .node(Node.of("HardSigmoid", List.of("x"), List.of("y")))
                .output(TensorSpec.of("y", DataType.FLOAT32, "rows, 3"))
                .build(),
            17);
    Target open = options(MigraphxOptions.builder().openDimensions(true));
    InfercException e =
        assertThrows(InfercException.class, () -> compile(open, model, rows(1, 2, 8)).close());
    assertTrue(e.problem().contains("(HardSigmoid)"), e.problem());
    assertTrue(e.remedy().contains("openDimensions"), e.remedy());
    compile(TARGET, model, rows(1, 2, 8)).close();
  }

  @Test
  void weightsBesideTheModelAreFound() {
    Path file = folder.resolve("external.onnx");
    ContractModels.heavy(64).save(file, new SaveOptions(true, 0));
    try (CompiledModel model =
            Compiler.forTarget(TARGET).profile(rows(1, 1, 2)).build().compile(file);
        InferenceSession session = model.newSession()) {
      session.input("x", 2, 64).floats().put(0, 1f);
      session.run();
      // Four shifts by one column.
      assertEquals(1f, session.output("y").floats().get(4));
    }
  }

  @Test
  void anOutputOfNoDeclaredTypeHasTheOneOfTheProgram() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("untyped")
                .input(TensorSpec.of("x", DataType.FLOAT32, 2))
                .node(
                    Node.builder("Cast")
                        .inputs("x")
                        .outputs("n")
                        .attribute(Attribute.of("to", 6))
                        .build())
                .node(Node.of("Neg", List.of("x"), List.of("y")))
                .output(ValueInfo.untyped("y"))
                .output(ValueInfo.untyped("n"))
                .build(),
            17);
    try (CompiledModel compiled = compile(TARGET, model);
        Tensor x = Tensor.of(new float[] {1, -2}, 2)) {
      assertEquals(DataType.INT32, compiled.outputs().get(1).type());
      Map<String, Tensor> results = compiled.run(Map.of("x", x));
      assertArrayEquals(new float[] {-1, 2}, results.get("y").toFloatArray());
      assertEquals(DataType.INT32, results.get("n").type());
      results.values().forEach(Tensor::close);
    }
  }

  @Test
  void scalarsAndTransposedOutputsComeBackInTheModelsForm() {
    try (CompiledModel compiled = compile(TARGET, OutputForms.model());
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor s = Tensor.of(new float[] {0.5f})) {
      Map<String, Tensor> results = compiled.run(Map.of("x", x, "s", s));
      assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, results.get("t").toFloatArray());
      assertArrayEquals(new long[0], results.get("total").shape());
      assertEquals(21.5f, results.get("total").floats().get(0));
      results.values().forEach(Tensor::close);
    }
  }

  @Test
  void anOutputThatIsAnInputOutlivesIt() {
    OnnxModel identity = ContractModels.identity(DataType.FLOAT32);
    ShapeProfile profile = ShapeProfile.named("p").range("n", 1, 4, 8);
    try (CompiledModel model = compile(TARGET, identity, profile)) {
      Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 4);
      Tensor y = model.run(Map.of("x", x)).get("y");
      x.floats().put(0, 9f);
      x.close();
      assertArrayEquals(new float[] {1, 2, 3, 4}, y.toFloatArray());
      y.close();
    }
  }

  @Test
  void emptyTensorsAreRefusedBeforeMigraphxSeesThem() {
    try (CompiledModel model = compile(TARGET, ContractModels.dense(), rows(0, 1, 2));
        Tensor none = Tensor.allocate(DataType.FLOAT32, 0, 3)) {
      InfercException e = assertThrows(InfercException.class, () -> model.run(Map.of("x", none)));
      assertTrue(e.problem().contains("empty"), e.problem());
    }
  }

  @Test
  void anUnknownOperatorIsRefusedByItsNodeBeforeAParse() {
    InfercException e =
        assertThrows(
            InfercException.class, () -> compile(TARGET, ContractModels.unknownOperator()).close());
    assertTrue(e.problem().contains("'odd-one' (Frobnicate)"), e.problem());
    assertFalse(e.problem().contains("migraphx_parse_onnx_buffer"), e.problem());
  }

  private static Tensor eightBits(DataType type, long[] shape, int... values) {
    Tensor tensor = Tensor.allocate(type, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.bytes().put(i, (byte) values[i]);
    }
    return tensor;
  }

  @Test
  void integerProductsThatAreNotRefusedAreRight() {
    OnnxModel matrices =
        OnnxModel.of(
            Graph.builder("matrices")
                .input(TensorSpec.of("a", DataType.INT8, "1, 2"))
                .input(TensorSpec.of("b", DataType.INT8, "2, 1"))
                .node(Node.of("MatMulInteger", List.of("a", "b"), List.of("y")))
                .output(TensorSpec.of("y", DataType.INT32, "1, 1"))
                .build(),
            17);
    try (CompiledModel model = compile(TARGET, matrices);
        Tensor a = eightBits(DataType.INT8, new long[] {1, 2}, 127, -128);
        Tensor b = eightBits(DataType.INT8, new long[] {2, 1}, 127, -128);
        Tensor y = model.run(Map.of("a", a, "b", b)).get("y")) {
      assertArrayEquals(new double[] {127 * 127 + 128 * 128}, y.toDoubleArray());
    }
    OnnxModel convolution =
        OnnxModel.of(
            Graph.builder("convolution")
                .input(TensorSpec.of("a", DataType.UINT8, "1, 1, 1, 2"))
                .input(TensorSpec.of("b", DataType.INT8, "1, 1, 1, 2"))
                .initializer(
                    Initializer.of("z", DataType.UINT8, ByteBuffer.wrap(new byte[] {(byte) 200})))
                .node(Node.of("ConvInteger", List.of("a", "b", "z"), List.of("y")))
                .output(TensorSpec.of("y", DataType.INT32, "1, 1, 1, 1"))
                .build(),
            17);
    long[] shape = {1, 1, 1, 2};
    try (CompiledModel model = compile(TARGET, convolution);
        Tensor a = eightBits(DataType.UINT8, shape, 0, 255);
        Tensor b = eightBits(DataType.INT8, shape, 127, -128);
        Tensor y = model.run(Map.of("a", a, "b", b)).get("y")) {
      assertArrayEquals(new double[] {-200 * 127 + 55 * -128}, y.toDoubleArray());
    }
  }

  @Test
  void anInputThatNothingReadsDoesNotDisturb() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("spare")
                .input(TensorSpec.of("x", DataType.FLOAT32, 2))
                .input(TensorSpec.of("spare", DataType.INT64, 1))
                .initializer(Initializer.floats("two", new float[] {2}, 1))
                .node(Node.of("Mul", List.of("x", "two"), List.of("y")))
                .output(TensorSpec.of("y", DataType.FLOAT32, 2))
                .build(),
            17);
    try (CompiledModel compiled = compile(TARGET, model);
        Tensor x = Tensor.of(new float[] {1, 2}, 2);
        Tensor spare = Tensor.of(new long[] {7}, 1);
        Tensor y = compiled.run(Map.of("x", x, "spare", spare)).get("y")) {
      assertArrayEquals(new float[] {2, 4}, y.toFloatArray());
    }
  }

  @Test
  void indicesBeyondATableAreRefusedSinceMigraphxWouldReadThem() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("gather")
                .input(TensorSpec.of("i", DataType.INT64, 1))
                .initializer(Initializer.floats("table", new float[] {1, 2, 3}, 3))
                .node(Node.of("Gather", List.of("table", "i"), List.of("y")))
                .output(TensorSpec.of("y", DataType.FLOAT32, 1))
                .build(),
            17);
    try (CompiledModel compiled = compile(TARGET, model)) {
      for (long beyond : new long[] {3, -4, Long.MAX_VALUE, Long.MIN_VALUE}) {
        try (Tensor bad = Tensor.of(new long[] {beyond}, 1)) {
          InfercException e =
              assertThrows(InfercException.class, () -> compiled.run(Map.of("i", bad)));
          assertTrue(e.problem().contains("value " + beyond), e.problem());
        }
      }
      try (Tensor good = Tensor.of(new long[] {-1}, 1);
          Tensor y = compiled.run(Map.of("i", good)).get("y")) {
        assertEquals(3f, y.floats().get(0));
      }
    }
  }
}

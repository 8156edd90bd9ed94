package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.spi.CompileRequest;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ContractModels;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The session below the facade, where nothing is bound that the test has not bound. */
class OnnxRuntimeSessionTest {
  private static final int NO_PROFILE = -1;

  private static BackendModel compile(OnnxModel model) {
    Target.Choice choice = Target.onnxRuntime().choices().get(0);
    try (ModelSource source = ModelSource.of(model)) {
      return new OnnxRuntimeProvider().open().compile(CompileRequest.of(source, "tested", choice));
    }
  }

  private static OnnxModel unary(String operator, TensorSpec input, TensorSpec output) {
    return OnnxModel.of(
        Graph.builder("unary")
            .input(input)
            .node(Node.of(operator, List.of(input.name()), List.of(output.name())))
            .output(output)
            .build(),
        ContractModels.OPSET);
  }

  @Test
  void aRunReadsAndWritesTheBoundMemoryItself() {
    try (BackendModel model = compile(ContractModels.dense());
        BackendSession session = model.newSession(NO_PROFILE);
        Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 3);
        Tensor y = Tensor.allocate(DataType.FLOAT32, 1, 2)) {
      session.bindInput(0, x);
      session.bindOutput(0, y);
      var in = x.floats();
      var out = y.floats();
      for (float value : new float[] {1, 2, 3}) {
        in.put(0, value);
        session.run();
        assertEquals(value + 0.25f, out.get(0), 1e-6f);
      }
    }
  }

  @Test
  void bindingAgainReadsAndWritesTheNewTensorsOnly() {
    try (BackendModel model = compile(ContractModels.dense());
        BackendSession session = model.newSession(NO_PROFILE);
        Tensor first = Tensor.of(new float[] {1, 0, 0}, 1, 3);
        Tensor second = Tensor.of(new float[] {5, 0, 0, 0, 1, 0}, 2, 3);
        Tensor small = Tensor.allocate(DataType.FLOAT32, 1, 2);
        Tensor large = Tensor.allocate(DataType.FLOAT32, 2, 2)) {
      session.bindInput(0, first);
      session.bindOutput(0, small);
      session.run();
      session.bindInput(0, second);
      session.bindOutput(0, large);
      session.run();
      assertArrayEquals(new float[] {1.25f, 0}, small.toFloatArray(), 1e-6f);
      assertArrayEquals(new float[] {5.25f, 0, 2.25f, 0}, large.toFloatArray(), 1e-6f);
    }
  }

  @Test
  void anOutputCanBeBoundTakenAndBoundAgain() {
    try (BackendModel model = compile(ContractModels.sumAndDifference());
        BackendSession session = model.newSession(NO_PROFILE);
        Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 1, 4);
        Tensor b = Tensor.of(new float[] {1, 1, 1, 1}, 1, 4);
        Tensor bound = Tensor.allocate(DataType.FLOAT32, 1, 4)) {
      session.bindInput(0, a);
      session.bindInput(1, b);
      session.bindOutput(1, bound);
      session.run();
      assertArrayEquals(new float[] {0, 1, 2, 3}, bound.toFloatArray());
      Tensor sum = session.takeOutput(0);
      session.unbindOutput(1);
      a.floats().put(0, 10f);
      session.run();
      assertArrayEquals(new float[] {0, 1, 2, 3}, bound.toFloatArray(), "no longer written to");
      try (Tensor difference = session.takeOutput(1)) {
        assertArrayEquals(new float[] {9, 1, 2, 3}, difference.toFloatArray());
      }
      session.bindOutput(1, bound);
      session.run();
      assertArrayEquals(new float[] {9, 1, 2, 3}, bound.toFloatArray());
      assertArrayEquals(new float[] {2, 3, 4, 5}, sum.toFloatArray(), "a copy outlives its run");
      sum.close();
    }
  }

  static List<DataType> passableTypes() {
    return List.copyOf(Types.JAVA_TYPES.keySet());
  }

  @ParameterizedTest
  @MethodSource("passableTypes")
  void anOutputOfAnyTypeIsTakenBitByBit(DataType type) {
    TensorSpec in = TensorSpec.of("x", type, "rows, 3");
    try (BackendModel model = compile(unary("Identity", in, TensorSpec.of("y", type, "rows, 3")));
        BackendSession session = model.newSession(NO_PROFILE)) {
      assertEquals(List.of(in), model.inputs());
      for (int rows : new int[] {2, 0, 1}) {
        try (Tensor x = sample(type, rows)) {
          session.bindInput(0, x);
          session.run();
          try (Tensor y = session.takeOutput(0)) {
            assertArrayEquals(new long[] {rows, 3}, y.shape());
            assertEquals(type, y.type());
            if (type == DataType.STRING) {
              assertEquals(x.strings(), y.strings());
            } else {
              assertEquals(x.bytes(), y.bytes());
            }
          }
        }
      }
    }
  }

  private static Tensor sample(DataType type, int rows) {
    if (type == DataType.STRING) {
      List<String> words = List.of("", "a\0b", "grün", "日本", "\uD83D\uDE00", "z");
      return Tensor.ofStrings(words.subList(0, rows * 3), rows, 3);
    }
    byte[] bytes = new byte[Math.toIntExact(type.byteSize(rows * 3L))];
    new Random(3).nextBytes(bytes);
    for (int i = 0; type == DataType.BOOL && i < bytes.length; i++) {
      bytes[i] &= 1;
    }
    return Tensor.ofBytes(type, bytes, rows, 3);
  }

  @Test
  void textIsNotBoundToAnOutputWhereItCouldNotBeWritten() {
    TensorSpec in = TensorSpec.of("x", DataType.STRING, 1);
    TensorSpec out = TensorSpec.of("y", DataType.STRING, 1);
    try (BackendModel model = compile(unary("Identity", in, out));
        BackendSession session = model.newSession(NO_PROFILE);
        Tensor old = Tensor.ofStrings(List.of("old"), 1)) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> session.bindOutput(0, old));
      assertTrue(e.getMessage().contains("'y'"), e.getMessage());
    }
  }

  @Test
  void anUnknownRankIsToldFromAScalar() {
    TensorSpec anyIn = new TensorSpec("x", DataType.FLOAT32, TensorShape.unknownRank());
    TensorSpec anyOut = new TensorSpec("y", DataType.FLOAT32, TensorShape.unknownRank());
    try (BackendModel model = compile(unary("Relu", anyIn, anyOut));
        BackendSession session = model.newSession(NO_PROFILE);
        Tensor x = Tensor.of(new float[] {-1, 1}, 2)) {
      assertEquals(List.of(anyIn), model.inputs());
      assertEquals(List.of(anyOut), model.outputs());
      session.bindInput(0, x);
      session.run();
      try (Tensor y = session.takeOutput(0)) {
        assertArrayEquals(new float[] {0, 1}, y.toFloatArray());
      }
    }
    TensorSpec scalarIn = TensorSpec.of("x", DataType.FLOAT32);
    TensorSpec scalarOut = TensorSpec.of("y", DataType.FLOAT32);
    try (BackendModel model = compile(unary("Relu", scalarIn, scalarOut));
        BackendSession session = model.newSession(NO_PROFILE);
        Tensor x = Tensor.of(new float[] {3});
        Tensor y = Tensor.allocate(DataType.FLOAT32)) {
      assertEquals(List.of(scalarOut), model.outputs());
      session.bindInput(0, x);
      session.bindOutput(0, y);
      session.run();
      assertEquals(3f, y.floats().get(0));
    }
  }

  @Test
  void aFailedRunIsExplainedAndTheSessionRunsOn() {
    OnnxModel lookup =
        OnnxModel.of(
            Graph.builder("lookup")
                .input(TensorSpec.of("i", DataType.INT64, "n"))
                .initializer(Initializer.floats("table", new float[] {1, 2, 3}, 3))
                .node(Node.builder("Gather").name("look").inputs("table", "i").outputs("y").build())
                .output(TensorSpec.of("y", DataType.FLOAT32, "n"))
                .build(),
            ContractModels.OPSET);
    try (BackendModel model = compile(lookup);
        BackendSession session = model.newSession(NO_PROFILE);
        Tensor i = Tensor.of(new long[] {7}, 1);
        Tensor y = Tensor.allocate(DataType.FLOAT32, 1)) {
      session.bindInput(0, i);
      session.bindOutput(0, y);
      InfercException e = assertThrows(InfercException.class, session::run);
      assertEquals(Stage.RUN, e.stage());
      assertTrue(e.problem().contains("'look'"), e.problem());
      assertTrue(e.problem().contains("idx=7"), e.problem());
      i.longs().put(0, 1);
      session.run();
      assertEquals(2f, y.floats().get(0));
    }
  }

  @Test
  void anOutputThatBreaksItsDeclaredShapeIsBlamedOnTheDeclaration() {
    TensorSpec in = TensorSpec.of("x", DataType.FLOAT32, "n");
    TensorSpec out = TensorSpec.of("y", DataType.INT64, "1, n");
    try (BackendModel model = compile(unary("NonZero", in, out));
        BackendSession session = model.newSession(NO_PROFILE);
        Tensor x = Tensor.of(new float[] {0, 1}, 2);
        Tensor y = Tensor.allocate(DataType.INT64, 1, 2)) {
      session.bindInput(0, x);
      session.bindOutput(0, y);
      InfercException e = assertThrows(InfercException.class, session::run);
      assertTrue(e.problem().contains("'y'"), e.problem());
      assertTrue(e.remedy().contains("declares"), e.remedy());
    }
  }
}

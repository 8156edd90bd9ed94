package io.inferc.testing;

import static io.inferc.testing.ContractSetup.assertSays;
import static io.inferc.testing.ContractSetup.batch;
import static io.inferc.testing.ContractSetup.rows;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What a back end computes: the answers of the model, in buffers that are the session's, or the
 * caller's own.
 */
interface ResultsContract extends ContractPart {
  @TestFactory
  default Stream<DynamicTest> everyDataTypeIsPassedThroughBitByBitOrRefusedClearly() {
    return Stream.of(DataType.values())
        .map(type -> DynamicTest.dynamicTest(type.toString(), () -> checkType(type)));
  }

  private void checkType(DataType type) {
    OnnxModel model = ContractModels.identity(type);
    ShapeProfile profile = ShapeProfile.named("p").range("n", 1, 6, 16);
    if (!setup().capabilities().dataTypes().contains(type)) {
      InfercException e =
          assertThrows(InfercException.class, () -> setup().compile(model, profile).close());
      assertSays(e, "identity");
      assertFalse(e.remedy().isBlank());
      return;
    }
    try (CompiledModel compiled = setup().compile(model, profile);
        Tensor x =
            ContractSamples.of(
                type, setup().capabilities().narrowedTypes().getOrDefault(type, type), 6);
        Tensor y = compiled.run(Map.of("x", x)).get("y")) {
      assertEquals(type, y.type());
      assertArrayEquals(new long[] {6}, y.shape());
      if (type == DataType.STRING) {
        assertEquals(x.strings(), y.strings());
      } else {
        assertEquals(x.bytes(), y.bytes());
      }
    }
  }

  @Test
  default void resultsAgreeWithTheReferenceForEveryShapeInsideTheProfile() {
    Random random = new Random(11);
    try (CompiledModel model = setup().compile(ContractModels.dense(), rows(1, 4, 9));
        InferenceSession session = model.newSession()) {
      for (int rows : new int[] {1, 9, 4, 2, 9, 1}) {
        float[] x = new float[rows * 3];
        for (int i = 0; i < x.length; i++) {
          x[i] = random.nextFloat() * 4 - 2;
        }
        session.input("x", rows, 3).floats().put(0, x);
        session.run();
        Tensor y = session.output("y");
        assertArrayEquals(new long[] {rows, 2}, y.shape());
        assertArrayEquals(ContractModels.denseReference(x), y.toFloatArray(), 1e-5f);
      }
    }
  }

  @Test
  default void theMapFormReturnsOwnedCopiesInTheModelsOrder() {
    try (CompiledModel model =
            setup().compile(ContractModels.sumAndDifference(), batch("p", 1, 2, 4));
        InferenceSession session = model.newSession();
        Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 1, 4);
        Tensor b = Tensor.of(new float[] {10, 20, 30, 40}, 1, 4);
        Outputs second = session.run(Map.of("a", b, "b", a))) {
      Outputs first = session.run(Map.of("a", a, "b", b));
      assertEquals(List.of("sum", "difference"), List.copyOf(first.keySet()));
      assertArrayEquals(new float[] {11, 22, 33, 44}, first.tensor("sum").toFloatArray());
      assertArrayEquals(new float[] {-9, -18, -27, -36}, first.tensor("difference").toFloatArray());
      assertArrayEquals(new float[] {9, 18, 27, 36}, second.tensor("difference").toFloatArray());
      first.close();
      assertArrayEquals(new float[] {11, 22, 33, 44}, second.tensor("sum").toFloatArray());
    }
  }

  @Test
  default void boundBuffersAreUsedAgainFromRunToRun() {
    try (CompiledModel model = setup().compile(ContractModels.dense(), rows(1, 2, 4));
        InferenceSession session = model.newSession()) {
      Tensor x = session.input("x");
      assertArrayEquals(new long[] {2, 3}, x.shape(), "an open shape starts at the profile's opt");
      x.floats().put(0, new float[] {1, 0, 0, 0, 1, 0});
      session.run();
      Tensor y = session.output("y");
      var view = y.floats();
      assertEquals(1.25f, view.get(0), 1e-6f);
      x.floats().put(0, 2f);
      session.run();
      assertSame(y, session.output("y"));
      assertSame(x, session.input("x", 2, 3));
      assertEquals(2.25f, view.get(0), 1e-6f, "the same memory shows the new result");
    }
  }

  @Test
  default void callersTensorsAreBoundWithoutACopy() {
    try (CompiledModel model = setup().compile(ContractModels.dense(), rows(1, 1, 4));
        InferenceSession session = model.newSession();
        Tensor x =
            Tensor.wrap(
                ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder()),
                DataType.FLOAT32,
                1,
                3);
        Tensor y = Tensor.allocate(DataType.FLOAT32, 1, 2)) {
      session.bindInput("x", x);
      session.bindOutput("y", y);
      x.floats().put(0, new float[] {1, 1, 0});
      session.run();
      assertArrayEquals(new float[] {3.25f, 0f}, y.toFloatArray(), 1e-6f);
      assertSame(y, session.output("y"));
      x.floats().put(0, 0f);
      session.run();
      assertArrayEquals(new float[] {2.25f, 0f}, y.toFloatArray(), 1e-6f);
    }
  }

  @Test
  default void outputsWhoseSizeOnlyTheDataTellsAreReturnedOrTheModelIsRefused() {
    ShapeProfile profile = ShapeProfile.named("p").range("n", 1, 4, 8);
    if (!setup().capabilities().dataDependentOutputs()) {
      assertThrows(
          InfercException.class, () -> setup().compile(ContractModels.nonZero(), profile).close());
      return;
    }
    try (CompiledModel model = setup().compile(ContractModels.nonZero(), profile);
        InferenceSession session = model.newSession()) {
      session.input("x", 4).floats().put(0, new float[] {0, 5, 0, 7});
      session.run();
      assertArrayEquals(new long[] {1, 3}, session.output("where").toLongArray());
      session.input("x", 4).floats().put(0, new float[] {0, 0, 0, 7});
      session.run();
      assertArrayEquals(new long[] {3}, session.output("where").toLongArray());
    }
  }
}

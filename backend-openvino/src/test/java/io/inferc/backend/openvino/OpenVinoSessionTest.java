package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.InfercException;
import io.inferc.onnx.ModelSource;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.CompileRequest;
import io.inferc.tensor.BufferPool;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ContractModels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OpenVinoSessionTest {
  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  @Test
  void outputsThatAreTheSameTensorKeepTheirOrderAndTheirOwnMemory() {
    try (CompiledModel model = TestModels.compile(TestModels.twinOutputs());
        InferenceSession session = model.newSession()) {
      assertEquals(
          List.of("z-first", "a-second", "copy"),
          model.outputs().stream().map(o -> o.name()).toList());
      for (float turn = 1; turn < 4; turn++) {
        session.input("a", 2).floats().put(0, new float[] {turn, 2});
        session.input("b", 2).floats().put(0, new float[] {10, 20});
        session.run();
        float[] sum = {turn + 10, 22};
        assertArrayEquals(sum, session.output("z-first").toFloatArray());
        assertArrayEquals(sum, session.output("a-second").toFloatArray());
        assertArrayEquals(new float[] {10, 20}, session.output("copy").toFloatArray());
      }
    }
  }

  @Test
  void aCallersTensorForAnOutputThatBreaksItsDeclarationIsReportedAndTheSessionGoesOn() {
    try (CompiledModel model = TestModels.compile(TestModels.brokenPromise());
        InferenceSession session = model.newSession();
        Tensor mine = Tensor.allocate(DataType.INT64, 1, 4);
        Tensor another = Tensor.allocate(DataType.INT64, 1, 3)) {
      Tensor x = session.input("x", 4);
      x.floats().put(0, new float[] {0, 5, 0, 7});
      session.bindOutput("where", mine);
      for (int turn = 0; turn < 2; turn++) {
        InfercException e = assertThrows(InfercException.class, session::run);
        assertTrue(e.getMessage().contains("where"), e.getMessage());
        assertTrue(e.getMessage().contains("[1, 2]"), e.getMessage());
        assertTrue(e.remedy().contains("symbol"), e.remedy());
      }
      session.bindOutput("where", another);
      session.input("x", 3).floats().put(0, new float[] {1, 1, 1});
      session.run();
      assertArrayEquals(new long[] {0, 1, 2}, session.output("where").toLongArray());
    }
  }

  @Test
  void boundAndOwnedResultsMayTakeTurnsInAnyShape() {
    try (CompiledModel model = TestModels.compile(ContractModels.dense());
        InferenceSession session = model.newSession();
        Tensor mine = Tensor.allocate(DataType.FLOAT32, 2, 2)) {
      for (int rows : new int[] {2, 5, 1, 2, 3}) {
        float[] x = new float[rows * 3];
        Arrays.fill(x, rows);
        float[] expected = ContractModels.denseReference(x);
        session.input("x", rows, 3).floats().put(0, x);
        session.run();
        assertArrayEquals(expected, session.output("y").toFloatArray(), 1e-5f);
        try (Tensor in = Tensor.of(x, rows, 3);
            Tensor y = session.run(Map.of("x", in)).get("y")) {
          assertArrayEquals(expected, y.toFloatArray(), 1e-5f);
        }
      }
      session.input("x", 2, 3).floats().put(0, new float[] {1, 1, 1, 1, 1, 1});
      session.bindOutput("y", mine);
      session.run();
      assertArrayEquals(
          ContractModels.denseReference(new float[] {1, 1, 1, 1, 1, 1}),
          mine.toFloatArray(),
          1e-5f);
    }
  }

  @Test
  void anOutputOfUnknownSizeIsOpenVinosOwnAgainAfterItWasBound() {
    OpenVinoBackend backend = new OpenVinoBackend(OpenVinoRuntime.get());
    var choice = Target.openVino().choices().get(0);
    try (var source = ModelSource.of(ContractModels.nonZero());
        var model = backend.compile(CompileRequest.of(source, "non-zero", choice));
        var session = model.newSession(-1);
        Tensor x = Tensor.of(new float[] {3, 0, 4}, 3);
        Tensor two = Tensor.allocate(DataType.INT64, 1, 2)) {
      session.bindInput(0, x);
      session.bindOutput(0, two);
      session.run();
      assertArrayEquals(new long[] {0, 2}, two.toLongArray());
      session.unbindOutput(0);
      x.floats().put(1, 1f);
      session.run();
      try (Tensor found = session.takeOutput(0)) {
        assertArrayEquals(new long[] {0, 1, 2}, found.toLongArray());
      }
      assertArrayEquals(new long[] {0, 2}, two.toLongArray(), "left alone");
    }
  }

  @Test
  void tensorsWithoutElementsPassThrough() {
    try (CompiledModel model = TestModels.compile(ContractModels.dense());
        InferenceSession session = model.newSession()) {
      session.input("x", 0, 3);
      session.run();
      assertArrayEquals(new long[] {0, 2}, session.output("y").shape());
    }
  }

  @Test
  void profilesOfOneSizeAndOfRangesServeTheRequestsWithinThem() {
    ShapeProfile one = TestModels.rows("one", 1, 1, 1);
    ShapeProfile some = TestModels.rows("some", 2, 4, 8);
    try (CompiledModel model = TestModels.compile(ContractModels.dense(), one, some);
        InferenceSession session = model.newSession()) {
      for (int rows : new int[] {1, 8, 2, 1, 5}) {
        float[] x = new float[rows * 3];
        x[x.length - 1] = rows;
        session.input("x", rows, 3).floats().put(0, x);
        session.run();
        assertArrayEquals(
            ContractModels.denseReference(x), session.output("y").toFloatArray(), 1e-5f);
      }
    }
  }

  @Test
  void integersBeyond32BitsAreSaidToBeNarrowed() {
    var backend = new OpenVinoBackend(OpenVinoRuntime.get());
    var capabilities = backend.capabilities(Target.openVino().choices().get(0));
    assertEquals(DataType.INT32, capabilities.narrowedTypes().get(DataType.INT64));
    assertEquals(DataType.FLOAT32, capabilities.narrowedTypes().get(DataType.FLOAT64));
  }

  /** What is written to a tensor after it was bound is what the next run reads, and the reverse. */
  @Test
  void tensorsFromThePoolAreReadAndWrittenWhereTheyLie() {
    try (BufferPool pool = BufferPool.builder().build();
        CompiledModel model =
            Compiler.forTarget(Target.openVino())
                .bufferPool(pool)
                .profile(TestModels.rows("p", 1, 2, 4))
                .build()
                .compile(ContractModels.dense());
        InferenceSession session = model.newSession()) {
      Tensor x = session.input("x", 2, 3);
      session.run();
      Tensor y = session.output("y");
      for (float turn = 1; turn < 4; turn++) {
        float[] values = {turn, -2, 0.5f, 0, turn, 1};
        x.floats().put(0, values);
        session.run();
        assertSame(y, session.output("y"));
        assertArrayEquals(ContractModels.denseReference(values), y.toFloatArray(), 1e-5f);
      }
      assertTrue(pool.statistics().bytesInUse() >= x.byteSize() + y.byteSize());
    }
  }
}

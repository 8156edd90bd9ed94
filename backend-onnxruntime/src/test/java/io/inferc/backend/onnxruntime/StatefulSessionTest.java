package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.execution.StatefulSession;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PyPiModels;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Models whose outputs are inputs of the next run. */
class StatefulSessionTest {
  private static CompiledModel compile(OnnxModel model) {
    return Compiler.forTarget(Target.onnxRuntime()).build().compile(model);
  }

  private static TensorSpec spec(String name, String shape) {
    return TensorSpec.of(name, DataType.FLOAT32, shape);
  }

  /** The running sum of x, and twice that; the sum is declared as said. */
  private static OnnxModel sum(String declared) {
    return OnnxModel.of(
        Graph.builder("sum")
            .input(spec("x", "batch, 2"))
            .input(spec("sum", "batch, 2"))
            .node(Node.of("Add", List.of("x", "sum"), List.of("next")))
            .node(Node.of("Add", List.of("next", "next"), List.of("twice")))
            .output(spec("twice", "batch, 2"))
            .output(spec("next", declared))
            .build(),
        17);
  }

  /** A cache to which each run appends x, and the sum of all that is in it. */
  private static OnnxModel cache() {
    return OnnxModel.of(
        Graph.builder("cache")
            .input(spec("x", "1, 2"))
            .input(spec("past", "length, 2"))
            .node(
                Node.builder("Concat")
                    .inputs("past", "x")
                    .outputs("present")
                    .attribute(Attribute.of("axis", 0))
                    .build())
            .node(
                Node.builder("ReduceSum")
                    .inputs("present")
                    .outputs("total")
                    .attribute(Attribute.of("keepdims", 0))
                    .build())
            .output(spec("total", ""))
            .output(spec("present", "longer, 2"))
            .build(),
        17);
  }

  private static void assertSums(StatefulSession session) {
    Tensor x = session.input("x", 1, 2);
    for (int turn = 0; turn < 2; turn++) {
      for (int i = 1; i <= 5; i++) {
        x.floats().put(0, new float[] {1, 10});
        session.run();
        assertArrayEquals(new float[] {2 * i, 20 * i}, session.output("twice").toFloatArray());
        assertArrayEquals(new float[] {i, 10 * i}, session.output("next").toFloatArray());
        assertArrayEquals(new float[] {i, 10 * i}, session.state("sum").toFloatArray());
      }
      session.reset();
      assertArrayEquals(new float[] {0, 0}, session.state("sum").toFloatArray());
    }
    try (Tensor start = Tensor.of(new float[] {100, 200}, 1, 2)) {
      session.setState("sum", start);
    }
    session.run();
    assertArrayEquals(new float[] {101, 210}, session.state("sum").toFloatArray());
  }

  @Test
  void aStateOfOneSizeLiesInTwoBuffersThatTakeTurns() {
    try (CompiledModel model = compile(sum("batch, 2"));
        StatefulSession session =
            StatefulSession.builder(model).state("sum", "next").size("batch", 1).open()) {
      assertSums(session);
      Tensor one = session.state("sum");
      session.run();
      Tensor other = session.state("sum");
      assertNotSame(one, other);
      session.run();
      assertSame(one, session.state("sum"));
    }
  }

  @Test
  void aStateOfUnknownSizeIsANewTensor() {
    try (CompiledModel model = compile(sum("?, ?"));
        StatefulSession session =
            StatefulSession.builder(model).state("sum", "next").size("batch", 1).open()) {
      assertSums(session);
    }
  }

  @Test
  void aCacheGrowsFromNothing() {
    try (CompiledModel model = compile(cache());
        StatefulSession session =
            StatefulSession.builder(model).state("past", "present").size("length", 0).open()) {
      for (int turn = 0; turn < 2; turn++) {
        for (int i = 1; i <= 4; i++) {
          session.input("x").floats().put(0, new float[] {i, 1});
          session.run();
          assertArrayEquals(new long[] {i, 2}, session.state("past").shape());
          assertEquals(i * (i + 1) / 2f + i, session.output("total").floats().get(0));
        }
        session.reset();
      }
    }
  }

  @Test
  void aFirstValueMayBeGiven() {
    try (CompiledModel model = compile(cache());
        Tensor past = Tensor.of(new float[] {5, 5, 5, 5}, 2, 2);
        StatefulSession session =
            StatefulSession.builder(model).state("past", "present").initial("past", past).open()) {
      session.input("x").floats().put(0, new float[] {1, 1});
      session.run();
      assertEquals(22, session.output("total").floats().get(0));
      session.reset();
      assertArrayEquals(new long[] {2, 2}, session.state("past").shape());
    }
  }

  @Test
  void aDetectorOfVoicesHearsTheSameAsWithItsStateFedByHand() {
    try (CompiledModel model =
            Compiler.forTarget(Target.onnxRuntime())
                .build()
                .compile(PyPiModels.SILERO_VAD_IFLESS.path());
        Tensor audio = Tensor.allocate(DataType.FLOAT32, 1, 576);
        Tensor rate = Tensor.allocate(DataType.INT64);
        StatefulSession session =
            StatefulSession.builder(model).state("state", "stateN").size("batch", 1).open()) {
      rate.longs().put(0, 16_000);
      session.input("sr").longs().put(0, 16_000);
      Tensor state = Tensor.allocate(DataType.FLOAT32, 2, 1, 128);
      Random random = new Random(3);
      for (int chunk = 0; chunk < 10; chunk++) {
        for (int i = 0; i < 576; i++) {
          audio.floats().put(i, chunk / 20f * (float) random.nextGaussian());
        }
        Map<String, Tensor> outputs = model.run(Map.of("input", audio, "sr", rate, "state", state));
        session.input("input", 1, 576).copyFrom(audio);
        session.run();
        try (Tensor expected = outputs.get("output")) {
          assertArrayEquals(
              expected.toFloatArray(), session.output("output").toFloatArray(), 1e-6f);
        }
        state.close();
        state = outputs.get("stateN");
      }
      state.close();
    }
  }

  @Test
  void aFailedRunLeavesTheStates() {
    try (CompiledModel model = compile(sum("batch, 2"));
        StatefulSession session =
            StatefulSession.builder(model).state("sum", "next").size("batch", 1).open()) {
      session.input("x", 1, 2).floats().put(0, new float[] {1, 2});
      session.run();
      session.input("x", 3, 2);
      assertThrows(IllegalArgumentException.class, session::run);
      assertThrows(InfercException.class, () -> session.output("twice"));
      session.input("x", 1, 2).floats().put(0, new float[] {1, 2});
      session.run();
      assertArrayEquals(new float[] {2, 4}, session.state("sum").toFloatArray());
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    try (CompiledModel model = compile(sum("batch, 2"))) {
      StatefulSession.Builder builder = StatefulSession.builder(model);
      assertThrows(IllegalArgumentException.class, builder::open);
      assertThrows(IllegalArgumentException.class, () -> builder.state("nobody", "next"));
      assertThrows(IllegalArgumentException.class, () -> builder.state("sum", "nobody"));
      builder.state("sum", "next");
      assertThrows(IllegalArgumentException.class, () -> builder.state("x", "next"));
      IllegalArgumentException open = assertThrows(IllegalArgumentException.class, builder::open);
      assertTrue(open.getMessage().contains("size(symbol, size)"), open.getMessage());
      StatefulSession closed = builder.size("batch", 1).open();
      try (StatefulSession session = closed;
          Tensor wide = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2)) {
        assertThrows(IllegalArgumentException.class, () -> session.input("sum", 1, 2));
        assertThrows(IllegalArgumentException.class, () -> session.setState("sum", wide));
        assertThrows(IllegalArgumentException.class, () -> session.state("x"));
        assertThrows(InfercException.class, () -> session.output("twice"));
      }
      assertThrows(ResourceClosedException.class, closed::run);
    }
  }
}

package io.inferc.testing;

import static io.inferc.testing.ContractSetup.assertSays;
import static io.inferc.testing.ContractSetup.batch;
import static io.inferc.testing.ContractSetup.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.common.InfercException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is refused, and that the error says what was asked and what there is. */
interface RefusalsContract extends ContractPart {
  @Test
  default void allMissingAndUnknownInputsAreNamedAtOnce() {
    try (CompiledModel model =
            setup().compile(ContractModels.sumAndDifference(), batch("p", 1, 2, 4));
        Tensor t = Tensor.of(new float[] {1, 2, 3, 4}, 1, 4)) {
      Map<String, Tensor> wrong = new TreeMap<>(Map.of("c", t, "d", t));
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> model.run(wrong));
      assertTrue(e.getMessage().contains("[c, d], but the model also needs [a: "), e.getMessage());
      assertTrue(e.getMessage().contains(", b: "), e.getMessage());
      assertTrue(e.getMessage().contains("and has no 'c', 'd'."), e.getMessage());
      IllegalArgumentException async =
          assertThrows(IllegalArgumentException.class, () -> model.runAsync(wrong));
      assertEquals(e.getMessage(), async.getMessage());
      IllegalArgumentException unknown =
          assertThrows(
              IllegalArgumentException.class, () -> model.run(Map.of("a", t, "b", t, "c", t)));
      assertTrue(unknown.getMessage().contains("has no 'c', only [a: "), unknown.getMessage());
    }
  }

  @Test
  default void wrongNamesTypesRanksAndSizesAreRefusedBeforeTheRuntimeSeesThem() {
    try (CompiledModel model = setup().compile(ContractModels.dense(), rows(1, 1, 4));
        InferenceSession session = model.newSession();
        Tensor right = Tensor.allocate(DataType.FLOAT32, 1, 3);
        Tensor doubles = Tensor.allocate(DataType.FLOAT64, 1, 3);
        Tensor flat = Tensor.allocate(DataType.FLOAT32, 3);
        Tensor wide = Tensor.allocate(DataType.FLOAT32, 1, 5)) {
      assertSays(refused(session, Map.of("z", right)), "'z'", "x: FLOAT32[rows, 3]");
      assertSays(refused(session, Map.of()), "x: FLOAT32[rows, 3]");
      assertSays(refused(session, Map.of("x", doubles)), "FLOAT64", "FLOAT32");
      assertSays(refused(session, Map.of("x", flat)), "rank", "[3]");
      assertSays(refused(session, Map.of("x", wide)), "[1, 5]", "[rows, 3]");
      assertThrows(IllegalArgumentException.class, () -> session.input("x", 1, 5));
      assertThrows(IllegalArgumentException.class, () -> session.input("nope"));
      assertThrows(IllegalArgumentException.class, () -> session.output("nope"));
      assertThrows(IllegalArgumentException.class, () -> session.bindInput("x", flat));
      assertThrows(IllegalArgumentException.class, () -> session.bindOutput("y", flat));
      assertThrows(InfercException.class, () -> session.output("y"), "nothing has run yet");
      session.run(Map.of("x", right)).close();
    }
  }

  private static IllegalArgumentException refused(
      InferenceSession session, Map<String, Tensor> inputs) {
    return assertThrows(IllegalArgumentException.class, () -> session.run(inputs));
  }

  @Test
  default void anUnknownOperatorIsRefusedByName() {
    InfercException e =
        assertThrows(
            InfercException.class, () -> setup().compile(ContractModels.unknownOperator()).close());
    assertSays(e, "Frobnicate");
    assertFalse(e.remedy().isBlank());
  }

  @Test
  default void anUnknownDeviceIsRefusedWithThoseThereAre() {
    Target nowhere =
        Target.backend(setup().target().choices().get(0).backend()).device("no-such-device");
    assertSays(
        assertThrows(
            RuntimeException.class, () -> Compiler.forTarget(nowhere).build(), "no such device"),
        "no-such-device");
  }

  @Test
  default void precisionsThatCannotBeHadAreRefusedWithThoseThatCan() {
    for (Precision p : List.of(Precision.fp16(), Precision.bf16(), Precision.int8Dynamic())) {
      if (!setup().capabilities().precisions().containsKey(p.numeric())) {
        assertSays(
            assertThrows(
                InfercException.class,
                () -> Compiler.forTarget(setup().target()).precision(p).build()),
            p.toString(),
            "FP32");
      }
    }
    assertNotNull(Compiler.forTarget(setup().target()).precision(Precision.fp32()).build());
  }
}

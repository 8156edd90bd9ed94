package io.inferc.testing;

import static io.inferc.testing.ContractSetup.assertSays;
import static io.inferc.testing.ContractSetup.batch;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.common.InfercException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.shape.ProfileException;
import io.inferc.spi.Capabilities.DynamicShapes;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which sizes a compiled model serves, with profiles and without. */
interface ShapesContract extends ContractPart {
  @Test
  default void aRequestOutsideEveryProfileIsRefusedWithTheRanges() {
    try (CompiledModel model =
            setup()
                .compile(
                    ContractModels.sumAndDifference(),
                    batch("small", 1, 2, 4),
                    batch("large", 8, 8, 16));
        InferenceSession session = model.newSession()) {
      for (long outside : new long[] {5, 17}) {
        session.input("a", outside, 4);
        session.input("b", outside, 4);
        ProfileException e = assertThrows(ProfileException.class, session::run);
        assertSays(e, "small", "1..4", "large", "8..16", "[" + outside + ", 4]");
      }
      session.input("a", 16, 4).floats().put(0, 1f);
      session.input("b", 16, 4).floats().put(0, 2f);
      session.run();
      assertEquals(3f, session.output("sum").floats().get(0));
      session.input("a", 3, 4).floats().put(0, 5f);
      session.input("b", 3, 4).floats().put(0, 6f);
      session.run();
      assertArrayEquals(new long[] {3, 4}, session.output("sum").shape());
      assertEquals(11f, session.output("sum").floats().get(0));
    }
  }

  @Test
  default void inputsThatShareASymbolMustAgree() {
    try (CompiledModel model =
            setup().compile(ContractModels.sumAndDifference(), batch("p", 1, 2, 4));
        Tensor a = Tensor.allocate(DataType.FLOAT32, 2, 4);
        Tensor b = Tensor.allocate(DataType.FLOAT32, 3, 4)) {
      assertSays(
          assertThrows(IllegalArgumentException.class, () -> model.run(Map.of("a", a, "b", b))),
          "batch",
          "2",
          "3");
    }
  }

  @Test
  default void sizesThatAreBothNamedByAQuestionMarkMayDiffer() {
    Range sizes = new Range(1, 2, 4);
    ShapeProfile profile = ShapeProfile.named("p").input("x", sizes, sizes);
    try (CompiledModel model = setup().compile(ContractModels.questionMarks(), profile);
        Tensor x = Tensor.of(new float[] {1, -2, 3, -4, 5, -6}, 2, 3);
        Tensor y = model.run(Map.of("x", x)).get("y")) {
      assertArrayEquals(new long[] {2, 3}, y.shape());
      assertArrayEquals(new float[] {1, 0, 3, 0, 5, 0}, y.toFloatArray());
    }
  }

  @Test
  default void openShapesWithoutAProfileAreServedOrRefusedAsDeclared() {
    if (setup().capabilities().dynamicShapes() == DynamicShapes.ANY) {
      try (CompiledModel model = setup().compile(ContractModels.dense());
          Tensor x = Tensor.of(new float[] {1, 0, 0}, 1, 3);
          Tensor y = model.run(Map.of("x", x)).get("y")) {
        assertEquals(1.25f, y.floats().get(0), 1e-6f);
      }
    } else {
      assertSays(
          assertThrows(
              InfercException.class, () -> setup().compile(ContractModels.dense()).close()),
          "profile");
    }
  }
}

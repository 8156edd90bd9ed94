package io.inferc.testing;

import static io.inferc.testing.ContractSetup.batch;
import static io.inferc.testing.ContractSetup.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.ResourceClosedException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What models, sessions and tensors do while they are open and once they are closed. */
interface LifeCycleContract extends ContractPart {
  @Test
  default void modelsAndSessionsSayWhatTheyAre() {
    CompiledModel model = setup().compile(ContractModels.sumAndDifference(), batch("p", 1, 2, 4));
    InferenceSession session = model.newSession();
    String signature = model.inputs() + " -> " + model.outputs();
    assertEquals(
        model.name() + " on " + model.target() + " at FP32: " + signature, model.toString());
    assertEquals("a session of " + model.name() + ": " + signature, session.toString());
    session.close();
    model.close();
    assertTrue(model.toString().contains("(closed)"), model.toString());
    assertTrue(session.toString().contains("(closed)"), session.toString());
  }

  @Test
  default void useAfterCloseIsRefusedAndClosingTwiceDoesNoHarm() {
    CompiledModel model = setup().compile(ContractModels.dense(), rows(1, 1, 4));
    InferenceSession session = model.newSession();
    InferenceSession orphan = model.newSession();
    try (Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 3)) {
      session.close();
      session.close();
      assertThrows(ResourceClosedException.class, session::run);
      assertThrows(ResourceClosedException.class, () -> session.input("x"));
      assertThrows(ResourceClosedException.class, () -> session.run(Map.of("x", x)));
      model.close();
      model.close();
      assertThrows(ResourceClosedException.class, orphan::run);
      orphan.close();
      assertThrows(ResourceClosedException.class, model::newSession);
      assertThrows(ResourceClosedException.class, () -> model.run(Map.of("x", x)));
      assertThrows(ResourceClosedException.class, () -> model.runAsync(Map.of("x", x)));
      assertThrows(ResourceClosedException.class, () -> model.save(setup().folder().resolve("m")));
    }
  }

  @Test
  default void aClosedTensorIsRefused() {
    try (CompiledModel model = setup().compile(ContractModels.dense(), rows(1, 1, 4));
        InferenceSession session = model.newSession()) {
      Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 3);
      session.bindInput("x", x);
      session.run();
      x.close();
      assertThrows(ResourceClosedException.class, session::run);
      assertThrows(ResourceClosedException.class, () -> session.run(Map.of("x", x)));
      session.input("x", 1, 3).floats().put(0, new float[] {1, 0, 0});
      session.run();
      assertEquals(1.25f, session.output("y").floats().get(0), 1e-6f);
    }
  }
}

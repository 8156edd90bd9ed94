package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ElementTypesTest {
  @Test
  void theOrderBeforeVersion214StartsOneLower() {
    ElementTypes before = ElementTypes.of(4, 8, true).orElseThrow();
    ElementTypes since = ElementTypes.of(2, 4, true).orElseThrow();
    assertEquals(3, before.code(DataType.FLOAT32));
    assertEquals(4, since.code(DataType.FLOAT32));
    for (DataType type : before.types()) {
      assertEquals(before.code(type) + 1, since.code(type), type.toString());
      assertEquals(Optional.of(type), since.type(since.code(type)));
    }
  }

  @Test
  void anOrderThatNobodyKnowsIsNotGuessedAt() {
    assertEquals(Optional.empty(), ElementTypes.of(8, 8, true));
    assertEquals(Optional.empty(), ElementTypes.of(1, 2, true));
  }

  @Test
  void typesThatMigraphxLacksAreRefused() {
    ElementTypes types = ElementTypes.of(2, 4, false).orElseThrow();
    assertFalse(types.types().contains(DataType.BFLOAT16));
    assertFalse(types.types().contains(DataType.COMPLEX64));
    String message =
        assertThrows(IllegalArgumentException.class, () -> types.code(DataType.STRING))
            .getMessage();
    assertTrue(message.contains("STRING") && message.contains("FLOAT32"), message);
    assertEquals(Optional.empty(), types.type(0));
  }

  @Test
  void versionsAreComparedAsNumbers() {
    assertTrue(MigraphxLibrary.atLeast("2.14.0", 2, 12));
    assertTrue(MigraphxLibrary.atLeast("3.0.1", 2, 12));
    assertFalse(MigraphxLibrary.atLeast("2.9.0", 2, 12));
    assertFalse(MigraphxLibrary.atLeast("unknown", 2, 12));
  }
}

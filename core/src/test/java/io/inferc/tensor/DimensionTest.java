package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class DimensionTest {
  @Test
  void aQuestionMarkIsNoNameThatTwoDimensionsCouldShare() {
    assertEquals(Dimension.unknown(), Dimension.symbolic("?"));
    assertEquals(Optional.empty(), Dimension.symbolic("?").symbol());
  }

  @Test
  void namesAreKeptAndCompared() {
    assertEquals(Optional.of("batch"), Dimension.symbolic("batch").symbol());
    assertEquals(Dimension.symbolic("batch"), Dimension.symbolic("batch"));
    assertNotEquals(Dimension.symbolic("batch"), Dimension.unknown());
    assertThrows(IllegalArgumentException.class, () -> Dimension.symbolic(""));
  }

  @Test
  void everyKindPrintsAsShapesAreWritten() {
    assertEquals("3", Dimension.fixed(3).toString());
    assertEquals("batch", Dimension.symbolic("batch").toString());
    assertEquals("?", Dimension.unknown().toString());
  }
}

package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
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

  /** The header's enumeration of a version, as the width of each code; a tuple has none. */
  private static List<Integer> header(boolean fourBits, DataType... last) {
    List<Integer> widths = new ArrayList<>(List.of(0));
    if (fourBits) {
      widths.add(1);
    }
    List<DataType> types =
        new ArrayList<>(
            List.of(
                DataType.BOOL,
                DataType.FLOAT16,
                DataType.FLOAT32,
                DataType.FLOAT64,
                DataType.UINT8,
                DataType.INT8,
                DataType.UINT16,
                DataType.INT16,
                DataType.INT32,
                DataType.INT64,
                DataType.UINT32,
                DataType.UINT64,
                DataType.FLOAT8E4M3FNUZ));
    types.addAll(List.of(last));
    types.forEach(t -> widths.add(t.bitWidth() / 8));
    return widths;
  }

  private static void assertCodesHaveWidths(List<Integer> header, boolean bfloat16) {
    ElementTypes types = ElementTypes.of(header.get(3), header.get(4), bfloat16).orElseThrow();
    assertEquals(bfloat16 ? 14 : 13, types.types().size());
    for (DataType type : types.types()) {
      assertEquals(type.bitWidth() / 8, header.get(types.code(type)), type.toString());
    }
  }

  @Test
  void theEnumerationOfEveryVersionSince210IsTold() {
    DataType[] eight = {DataType.FLOAT8E4M3FN, DataType.FLOAT8E5M2};
    DataType[] brain = {eight[0], eight[1], DataType.BFLOAT16, DataType.FLOAT8E5M2FNUZ};
    assertCodesHaveWidths(header(false), false); // 2.10
    assertCodesHaveWidths(header(false, eight), false); // 2.11
    assertCodesHaveWidths(header(false, brain), true); // 2.12 and 2.13
    assertCodesHaveWidths(header(true, brain), true); // 2.14 to 2.16
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

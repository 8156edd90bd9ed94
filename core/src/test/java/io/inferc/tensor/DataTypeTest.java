package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DataTypeTest {
  /** Codes and widths as the ONNX specification publishes them for TensorProto.DataType. */
  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 1, 32",
    "UINT8, 2, 8",
    "INT8, 3, 8",
    "UINT16, 4, 16",
    "INT16, 5, 16",
    "INT32, 6, 32",
    "INT64, 7, 64",
    "STRING, 8, 0",
    "BOOL, 9, 8",
    "FLOAT16, 10, 16",
    "FLOAT64, 11, 64",
    "UINT32, 12, 32",
    "UINT64, 13, 64",
    "COMPLEX64, 14, 64",
    "COMPLEX128, 15, 128",
    "BFLOAT16, 16, 16",
    "FLOAT8E4M3FN, 17, 8",
    "FLOAT8E4M3FNUZ, 18, 8",
    "FLOAT8E5M2, 19, 8",
    "FLOAT8E5M2FNUZ, 20, 8",
    "UINT4, 21, 4",
    "INT4, 22, 4",
    "FLOAT4E2M1, 23, 4",
    "FLOAT8E8M0, 24, 8",
    "UINT2, 25, 2",
    "INT2, 26, 2"
  })
  void codesAndWidthsAreThePublishedOnes(DataType type, int code, int bits) {
    assertEquals(code, type.onnxCode());
    assertEquals(bits, type.bitWidth());
    assertEquals(Optional.of(type), DataType.fromOnnxCode(code));
  }

  @Test
  void everyTypeIsInTheTableAbove() {
    assertEquals(26, DataType.values().length);
  }

  @Test
  void undefinedAndUnknownCodesAreNoType() {
    for (int code : List.of(0, 27, -1, 1000)) {
      assertEquals(Optional.empty(), DataType.fromOnnxCode(code));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STRING")
  void sizesAreBitsRoundedUpToBytes(DataType type) {
    for (long n : new long[] {0, 1, 2, 3, 4, 5, 7, 8, 9, 1000}) {
      assertEquals((n * type.bitWidth() + 7) / 8, type.byteSize(n), type + " x " + n);
    }
  }

  @Test
  void packedTypesShareTheirLastByte() {
    assertEquals(2, DataType.INT4.byteSize(3));
    assertEquals(1, DataType.UINT2.byteSize(4));
    assertEquals(2, DataType.UINT2.byteSize(5));
  }

  @Test
  void textAndImpossibleSizesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> DataType.STRING.byteSize(1));
    assertThrows(IllegalArgumentException.class, () -> DataType.INT8.byteSize(-1));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> DataType.FLOAT64.byteSize(Long.MAX_VALUE));
    assertTrue(e.getMessage().contains("FLOAT64"), e.getMessage());
    assertEquals(Long.MAX_VALUE, DataType.INT8.byteSize(Long.MAX_VALUE));
  }

  @Test
  void eachTypeIsOfOneKind() {
    Set<DataType> signed =
        EnumSet.of(
            DataType.INT2,
            DataType.INT4,
            DataType.INT8,
            DataType.INT16,
            DataType.INT32,
            DataType.INT64);
    for (DataType type : DataType.values()) {
      String name = type.name();
      assertEquals(signed.contains(type), type.isSigned(), name);
      assertEquals(name.startsWith("INT") || name.startsWith("UINT"), type.isInteger(), name);
      assertEquals(
          name.startsWith("FLOAT") || name.equals("BFLOAT16"), type.isFloatingPoint(), name);
    }
  }
}

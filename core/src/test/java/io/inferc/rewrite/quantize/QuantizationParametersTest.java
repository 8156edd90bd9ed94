package io.inferc.rewrite.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Initializer;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.tensor.DataType;
import org.junit.jupiter.api.Test;

class QuantizationParametersTest {
  @Test
  void anAsymmetricRangeUsesAllIntegersAndRepresentsZeroExactly() {
    QuantizationParameters p = QuantizationParameters.of(-1, 3, DataType.UINT8, false);
    assertEquals(4 / 255f, p.scale());
    assertEquals(64, p.zeroPoint());
    assertEquals(0, p.dequantize(p.quantize(0)));
    assertEquals(0, p.quantize(-1.01f));
    assertEquals(255, p.quantize(3.01f));
  }

  @Test
  void aRangeBeyondZeroIsWidenedToIt() {
    assertEquals(0, QuantizationParameters.of(2, 5, DataType.UINT8, false).zeroPoint());
    assertEquals(5 / 255f, QuantizationParameters.of(2, 5, DataType.UINT8, false).scale());
    assertEquals(255, QuantizationParameters.of(-5, -2, DataType.UINT8, false).zeroPoint());
    assertEquals(127, QuantizationParameters.of(-5, -2, DataType.INT8, false).zeroPoint());
    assertEquals(-128, QuantizationParameters.of(2, 5, DataType.INT8, false).zeroPoint());
  }

  @Test
  void symmetricRangesHaveTheirZeroInTheMiddle() {
    TensorRange range = TensorRange.observed(-2, 1);
    assertEquals(
        new QuantizationParameters(DataType.INT8, 2 / 127f, 0),
        QuantizationParameters.of(range, DataType.INT8, true));
    assertEquals(
        new QuantizationParameters(DataType.UINT8, 2 / 127f, 128),
        QuantizationParameters.of(range, DataType.UINT8, true));
  }

  @Test
  void boundsAreKeptToWhereTheyCostNextToNothing() {
    QuantizationParameters free = QuantizationParameters.of(-1.3f, 4.1f, DataType.UINT8, false);
    QuantizationParameters kept = free.within(-1.3f, 4.1f);
    assertTrue(kept.dequantize(0) >= -1.3f && kept.dequantize(255) <= 4.1f, kept.toString());
    assertTrue(kept.scale() > 0.97f * free.scale(), kept.toString());
    QuantizationParameters even = QuantizationParameters.of(-2, 2, DataType.INT8, true);
    assertTrue(even.within(-2, 2).dequantize(-128) >= -2);
  }

  @Test
  void boundsThatAZeroInTheMiddleDoesNotFitCutNothingOff() {
    QuantizationParameters uneven = QuantizationParameters.of(-0.6f, 0.9f, DataType.INT8, true);
    assertEquals(uneven, uneven.within(-0.6f, 0.9f));
    QuantizationParameters open = QuantizationParameters.of(-3, 0.4f, DataType.INT8, true);
    assertEquals(open, open.within(Float.NEGATIVE_INFINITY, 0.4f));
  }

  @Test
  void aTensorOfZerosGetsTheScaleOfValuesUpToOne() {
    assertEquals(1 / 255f, QuantizationParameters.of(0, 0, DataType.UINT8, false).scale());
    assertEquals(1 / 127f, QuantizationParameters.of(0, 0, DataType.INT8, true).scale());
  }

  @Test
  void rangesOfAnySizeHaveScalesWhoseProductsAreNormalNumbers() {
    float tiny = QuantizationParameters.of(0, Float.MIN_VALUE, DataType.UINT8, false).scale();
    assertEquals(QuantizationParameters.SMALLEST_SCALE, tiny);
    assertTrue(tiny * tiny >= Float.MIN_NORMAL);
    float huge =
        QuantizationParameters.of(-Float.MAX_VALUE, Float.MAX_VALUE, DataType.UINT8, false).scale();
    assertTrue(Float.isFinite(huge * huge));
  }

  @Test
  void halvesAreRoundedToEven() {
    QuantizationParameters p = new QuantizationParameters(DataType.INT8, 1, 0);
    assertEquals(0, p.quantize(0.5f));
    assertEquals(2, p.quantize(1.5f));
    assertEquals(2, p.quantize(2.5f));
    assertEquals(-2, p.quantize(-2.5f));
    // The rounding comes before the zero point is added.
    assertEquals(1, new QuantizationParameters(DataType.INT8, 1, 1).quantize(0.5f));
  }

  @Test
  void whatIsNoScaleTypeOrZeroPointIsRefused() {
    for (float scale : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new QuantizationParameters(DataType.INT8, scale, 0));
    }
    assertThrows(
        IllegalArgumentException.class, () -> new QuantizationParameters(DataType.INT8, 1, 128));
    assertThrows(
        IllegalArgumentException.class, () -> new QuantizationParameters(DataType.UINT8, 1, -1));
    assertThrows(
        IllegalArgumentException.class, () -> new QuantizationParameters(DataType.INT16, 1, 0));
  }

  @Test
  void weightsHaveAScaleForEachChannelOfAnyAxis() {
    Initializer w = Initializer.floats("w", new float[] {1, -2, 4, -8, 0, 0}, 3, 2);
    assertArrayEquals(
        new float[] {2 / 127f, 8 / 127f, 1 / 127f}, QuantizedWeights.scales(w, 0, false));
    assertArrayEquals(new float[] {4 / 127f, 8 / 127f}, QuantizedWeights.scales(w, 1, false));
    assertArrayEquals(new float[] {8 / 127f}, QuantizedWeights.scales(w, -1, false));
    QuantizedWeights rows = QuantizedWeights.of(w, 0, false);
    assertArrayEquals(new long[] {64, -127, 64, -127, 0, 0}, rows.constant("q").longs());
    assertArrayEquals(new long[] {3}, rows.zeroConstant("z").dims());
    assertArrayEquals(new long[0], QuantizedWeights.of(w, -1, false).scaleConstant("s").dims());
  }

  @Test
  void theReducedRangeKeepsToSevenBits() {
    Initializer w = Initializer.floats("w", new float[] {-3, -1, 0, 2, 3}, 5);
    assertArrayEquals(
        new long[] {-63, -21, 0, 42, 63}, QuantizedWeights.of(w, -1, true).constant("q").longs());
  }

  @Test
  void weightsThatAreNotFiniteAreRefused() {
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      Initializer w = Initializer.floats("w", new float[] {1, bad, 2}, 3);
      assertThrows(CannotQuantizeException.class, () -> QuantizedWeights.scales(w, 0, false));
    }
  }
}

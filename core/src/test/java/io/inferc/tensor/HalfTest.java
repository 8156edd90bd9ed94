package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class HalfTest {
  /** The value of a binary16 number by the definition of IEEE 754, in exact double arithmetic. */
  private static double definition(int bits) {
    double sign = (bits & 0x8000) != 0 ? -1 : 1;
    int exponent = bits >> 10 & 0x1f;
    int mantissa = bits & 0x3ff;
    if (exponent == 31) {
      return mantissa != 0 ? Double.NaN : sign * Double.POSITIVE_INFINITY;
    }
    return exponent == 0
        ? sign * mantissa * Math.pow(2, -24)
        : sign * (1 + mantissa / 1024.0) * Math.pow(2, exponent - 15);
  }

  @Test
  void everyHalfWidensToItsDefinition() {
    for (int bits = 0; bits < 0x10000; bits++) {
      assertEquals(definition(bits), Half.fromFloat16((short) bits), "0x%04x".formatted(bits));
    }
  }

  @Test
  void everyHalfSurvivesTheWayToFloatAndBack() {
    for (int bits = 0; bits < 0x10000; bits++) {
      // A signalling NaN comes back as a quiet one.
      boolean nan = (bits & 0x7fff) > 0x7c00;
      assertEquals(
          (short) (nan ? bits | 0x200 : bits),
          Half.toFloat16(Half.fromFloat16((short) bits)),
          "0x%04x".formatted(bits));
    }
  }

  @Test
  void everyMidpointBetweenHalvesRoundsToTheEvenOne() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float midpoint = (float) ((definition(bits) + definition(bits + 1)) / 2);
      int even = (bits & 1) == 0 ? bits : bits + 1;
      assertEquals((short) even, Half.toFloat16(midpoint));
      assertEquals((short) (even | 0x8000), Half.toFloat16(-midpoint));
      assertEquals((short) bits, Half.toFloat16(Math.nextDown(midpoint)));
      assertEquals((short) (bits + 1), Half.toFloat16(Math.nextUp(midpoint)));
    }
  }

  @Test
  void theLargestHalfEndsHalfAStepAboveItself() {
    assertEquals((short) 0x7bff, Half.toFloat16(65504));
    assertEquals((short) 0x7bff, Half.toFloat16(Math.nextDown(65520f)));
    assertEquals((short) 0x7c00, Half.toFloat16(65520f));
    assertEquals((short) 0xfc00, Half.toFloat16(-Float.MAX_VALUE));
    assertEquals((short) 0x7c00, Half.toFloat16(Float.POSITIVE_INFINITY));
  }

  @Test
  void tinyNumbersBecomeZerosThatKeepTheirSign() {
    assertEquals((short) 0, Half.toFloat16(0x1p-25f));
    assertEquals((short) 1, Half.toFloat16(Math.nextUp(0x1p-25f)));
    assertEquals((short) 0x8000, Half.toFloat16(-Float.MIN_VALUE));
    assertEquals((short) 0x8000, Half.toFloat16(-0f));
  }

  @Property
  void noHalfIsNearerThanTheRoundedOne(@ForAll float value) {
    if (Math.abs(value) >= 65520) {
      return;
    }
    int rounded = Half.toFloat16(value) & 0xffff;
    double error = Math.abs(definition(rounded) - value);
    int magnitude = rounded & 0x7fff;
    for (int next : new int[] {magnitude - 1, magnitude + 1}) {
      if (next < 0 || next > 0x7bff) {
        continue;
      }
      double other = Math.abs(definition((rounded & 0x8000) | next) - value);
      assertTrue(error < other || (error == other && (magnitude & 1) == 0), () -> "for " + value);
    }
  }

  @Property
  void roundingToHalfIsMonotonic(@ForAll float a, @ForAll float b) {
    float low = Math.min(a, b);
    float high = Math.max(a, b);
    assertTrue(
        Half.fromFloat16(Half.toFloat16(low)) <= Half.fromFloat16(Half.toFloat16(high)),
        () -> low + " and " + high);
  }

  @Test
  void everyBfloat16IsTheUpperHalfOfAFloatAndSurvivesTheWayBack() {
    for (int bits = 0; bits < 0x10000; bits++) {
      float wide = Half.fromBfloat16((short) bits);
      boolean nan = (bits & 0x7fff) > 0x7f80;
      if (nan) {
        assertTrue(Float.isNaN(wide));
      } else {
        assertEquals(bits << 16, Float.floatToRawIntBits(wide));
      }
      assertEquals((short) (nan ? bits | 0x40 : bits), Half.toBfloat16(wide));
    }
  }

  @Test
  void everyMidpointBetweenBfloat16NumbersRoundsToTheEvenOne() {
    for (int bits = 0; bits < 0x7f80; bits++) {
      float midpoint = Float.intBitsToFloat(bits << 16 | 0x8000);
      int even = (bits & 1) == 0 ? bits : bits + 1;
      assertEquals((short) even, Half.toBfloat16(midpoint));
      assertEquals((short) (even | 0x8000), Half.toBfloat16(-midpoint));
      assertEquals((short) bits, Half.toBfloat16(Math.nextDown(midpoint)));
      assertEquals((short) (bits + 1), Half.toBfloat16(Math.nextUp(midpoint)));
    }
  }

  @Test
  void nanStaysNanWithItsSign() {
    for (int bits : new int[] {0x7f800001, 0x7fffffff, 0x7fc00000}) {
      float positive = Float.intBitsToFloat(bits);
      float negative = Float.intBitsToFloat(bits | 0x80000000);
      assertTrue(Float.isNaN(Half.fromFloat16(Half.toFloat16(positive))));
      assertTrue(Float.isNaN(Half.fromBfloat16(Half.toBfloat16(positive))));
      assertTrue(Half.toFloat16(negative) < 0);
      assertTrue(Half.toBfloat16(negative) < 0);
    }
  }

  @Property
  void roundingToBfloat16ErrsByHalfAStepAtMost(@ForAll float value) {
    float rounded = Half.fromBfloat16(Half.toBfloat16(value));
    if (Float.isInfinite(rounded)) {
      assertTrue(Math.abs(value) >= Float.intBitsToFloat(0x7f7f8000), () -> "for " + value);
      return;
    }
    double step = Math.max(Math.ulp(value) * 65536.0, Float.MIN_VALUE * 65536.0);
    assertTrue(Math.abs((double) rounded - value) <= step / 2, () -> value + " to " + rounded);
  }
}

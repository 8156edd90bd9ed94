package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SizeClassesTest {
  @Test
  void theFirstClassesAreTheDocumentedOnes() {
    long[] expected = {64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], SizeClasses.sizeAt(i));
    }
  }

  @Test
  void classesGrowUpToTheLargest() {
    for (int i = 1; i < SizeClasses.COUNT; i++) {
      assertTrue(SizeClasses.sizeAt(i) > SizeClasses.sizeAt(i - 1), "class " + i);
    }
    assertEquals(SizeClasses.LARGEST, SizeClasses.sizeAt(SizeClasses.COUNT - 1));
  }

  @Test
  void aClassHoldsItsOwnSizeAndNotOneByteMore() {
    for (int i = 0; i < SizeClasses.COUNT - 1; i++) {
      assertEquals(i, SizeClasses.indexOf(SizeClasses.sizeAt(i)));
      assertEquals(i + 1, SizeClasses.indexOf(SizeClasses.sizeAt(i) + 1));
    }
  }

  @Test
  void nothingAtAllStillTakesTheSmallestClass() {
    assertEquals(SizeClasses.SMALLEST, SizeClasses.sizeFor(0));
  }

  @Test
  void beyondTheLargestClassASizeIsTakenAsItIs() {
    assertEquals(SizeClasses.NONE, SizeClasses.indexOf(SizeClasses.LARGEST + 1));
    assertEquals(SizeClasses.LARGEST + 1, SizeClasses.sizeFor(SizeClasses.LARGEST + 1));
    assertEquals(Long.MAX_VALUE, SizeClasses.sizeFor(Long.MAX_VALUE));
  }

  @Property
  void roundingUpAddsLessThanAQuarter(@ForAll @LongRange(min = 64, max = 1L << 30) long bytes) {
    long size = SizeClasses.sizeFor(bytes);
    assertTrue(size >= bytes);
    assertTrue((size - bytes) * 4 < bytes, bytes + " became " + size);
  }
}

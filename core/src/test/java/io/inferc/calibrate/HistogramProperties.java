package io.inferc.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class HistogramProperties {
  @Provide
  Arbitrary<Float> values() {
    return Arbitraries.oneOf(
        Arbitraries.floats().between(-10f, 10f),
        Arbitraries.floats(),
        Arbitraries.of(0f, -0f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MAX_VALUE, 1f, -1f));
  }

  @Property(tries = 300)
  void everyValueIsCountedInTheBinThatHoldsIt(
      @ForAll @Size(min = 1, max = 200) List<@From("values") Float> values) {
    Distribution found = histogram(values, 7).distribution();
    long[] expected = new long[found.counts().length];
    for (float value : values) {
      expected[bin(value, found.width()) - found.lowest()]++;
    }
    assertArrayEquals(expected, found.counts());
    assertEquals(values.size(), found.total());
  }

  @Property(tries = 300)
  void theOrderAndTheSplitOfTheValuesDoNotMatter(
      @ForAll @Size(min = 1, max = 200) List<@From("values") Float> values, @ForAll long seed) {
    List<Float> shuffled = Arrays.asList(values.toArray(new Float[0]));
    Collections.shuffle(shuffled, new Random(seed));
    Distribution one = histogram(values, values.size()).distribution();
    Distribution other = histogram(shuffled, 3).distribution();
    assertEquals(one.width(), other.width());
    assertEquals(one.lowest(), other.lowest());
    assertArrayEquals(one.counts(), other.counts());
  }

  @Property(tries = 300)
  void extremesAreExactAndTheRangeSpansMoreThanHalfOfTheBins(
      @ForAll @Size(min = 2, max = 50) List<@From("values") Float> values) {
    Distribution found = histogram(values, 5).distribution();
    assertEquals(Collections.min(values) + 0f, found.min());
    assertEquals(Collections.max(values) + 0f, found.max());
    assertTrue(found.counts().length <= Histogram.BINS);
    double spread = (double) found.max() - found.min();
    double largest = Math.max(Math.abs(found.min()), Math.abs(found.max()));
    // Where the values are all but equal, or too small for the exponent of a bin, floats have no
    // finer steps to count.
    if (spread > largest * 0x1p-8 && largest > 0x1p-100) {
      assertTrue(found.counts().length >= Histogram.BINS / 2 - 1, found.counts().length + " bins");
    }
  }

  private static int bin(float value, double width) {
    double position = value / width;
    boolean below = (Float.floatToRawIntBits(value) >> 31) != 0;
    return (int) (below ? Math.ceil(position) - 1 : Math.floor(position));
  }

  private static Histogram histogram(List<Float> values, int chunk) {
    Histogram histogram = new Histogram();
    for (int start = 0; start < values.size(); start += chunk) {
      List<Float> part = values.subList(start, Math.min(values.size(), start + chunk));
      int[] bits = part.stream().mapToInt(Float::floatToRawIntBits).toArray();
      int low = Arrays.stream(bits).map(SortableFloats::key).min().orElseThrow();
      int high = Arrays.stream(bits).map(SortableFloats::key).max().orElseThrow();
      histogram.add(bits, bits.length, low, high);
    }
    return histogram;
  }
}

package io.inferc.accuracy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TopKProperties {
  @Property
  void theBestPlacesAreThoseOfAStableSort(
      @ForAll @Size(min = 1, max = 40) double[] values,
      @ForAll @IntRange(min = 1, max = 10) int wanted) {
    double[] coarse = Arrays.stream(values).map(v -> Math.rint(v % 4) + 0.0).toArray();
    int k = Math.min(wanted, coarse.length);
    int[] expected =
        IntStream.range(0, coarse.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -coarse[i]))
            .limit(k)
            .mapToInt(Integer::intValue)
            .toArray();
    assertArrayEquals(expected, TopK.indices(coarse, 0, coarse.length, k));
  }
}

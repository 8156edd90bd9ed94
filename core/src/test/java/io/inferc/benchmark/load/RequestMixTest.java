package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.benchmark.Workload;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestMixTest {
  private static Workload rows(int count) {
    return Workload.of(count + " rows", Map.of("x", Tensor.of(new float[count], count)));
  }

  @Test
  void sharesAddUpToOne() {
    RequestMix mix = RequestMix.of(rows(1)).and(rows(8), 0.25);
    assertEquals(0.8, mix.parts().get(0).share(), 1e-12);
    assertEquals(0.2, mix.parts().get(1).share(), 1e-12);
    assertEquals("1 rows (80 %), 8 rows (20 %)", mix.toString());
    assertEquals("1 rows", mix.mostFrequent().name());
    assertEquals("8 rows", RequestMix.of(rows(1)).and(rows(8), 1.5).mostFrequent().name());
  }

  /** Of 100 sizes in four groups, the middles are those of which 12.5, 37.5 … % are smaller. */
  @Test
  void samplesAreRepresentedByTheMiddlesOfTheirSizes() {
    Dataset samples =
        Dataset.generated(
            100,
            i -> {
              int size = 1 + (int) (i * 37 % 100);
              return Map.of("x", Tensor.of(new float[size], size));
            });
    RequestMix mix = RequestMix.of(samples, 4);
    assertEquals(
        List.of(13L, 38L, 63L, 88L),
        mix.parts().stream()
            .map(p -> p.workload().inputs().get("x").elementCount())
            .sorted()
            .toList());
    mix.parts().forEach(p -> assertEquals(0.25, p.share(), 1e-12));
  }

  @Test
  void requestsOfTheSameShapesAreOne() {
    Dataset alike = Dataset.generated(10, i -> Map.of("x", Tensor.of(new float[] {i, 1}, 1, 2)));
    RequestMix mix = RequestMix.of(alike, 4);
    assertEquals(1, mix.parts().size());
    assertEquals("1x2", mix.toString());
    assertEquals(1, mix.parts().get(0).share(), 1e-12);
  }

  @Test
  void whatCannotBeMeasuredIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new RequestMix(List.of()));
    assertThrows(IllegalArgumentException.class, () -> RequestMix.of(rows(1)).and(rows(2), 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> RequestMix.of(rows(1)).and(rows(2), Double.POSITIVE_INFINITY));
    Dataset none = Dataset.of(List.of());
    assertThrows(IllegalArgumentException.class, () -> RequestMix.of(none, 4));
    Dataset one = Dataset.of(List.of(rows(1).inputs()));
    assertThrows(IllegalArgumentException.class, () -> RequestMix.of(one, 0));
  }
}

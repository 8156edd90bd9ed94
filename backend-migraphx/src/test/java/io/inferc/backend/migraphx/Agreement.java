package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.tensor.Tensor;
import io.inferc.testing.Cosine;
import java.util.Map;

/** How far two sets of outputs agree. */
final class Agreement {
  private Agreement() {}

  /** Returns the lowest cosine of any output, and closes all; names and shapes must agree. */
  static double leastCosine(Map<String, Tensor> expected, Map<String, Tensor> found) {
    assertEquals(expected.keySet(), found.keySet());
    double least = 1;
    for (Map.Entry<String, Tensor> output : expected.entrySet()) {
      try (Tensor e = output.getValue();
          Tensor f = found.get(output.getKey())) {
        assertArrayEquals(e.shape(), f.shape(), output.getKey());
        double cosine = Cosine.of(e.toDoubleArray(), f.toDoubleArray());
        // Math.min passes NaN on, which then fails every limit.
        least = Math.min(least, cosine);
      }
    }
    return least;
  }
}

package io.inferc.benchmark.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EffectiveSampleSizeTest {
  @Test
  void aFirstOrderAutoregressionHasTheTimeThatTheoryGives() {
    assertEquals(1, meanTime(0, 20_000), 0.1);
    assertEquals(3, meanTime(0.5, 20_000), 0.2);
    assertEquals(19, meanTime(0.9, 20_000), 1.5);
  }

  @Test
  void correlationOverThousandsOfSamplesIsFoundInFewLags() {
    // (1 + rho) / (1 - rho) = 1999, far beyond the lags that are summed at once.
    assertEquals(1999, meanTime(0.999, 1_000_000), 400);
  }

  @Test
  void aBlockOfEqualSamplesCountsOnce() {
    Random random = new Random(5);
    double[] series = new double[5000];
    for (int i = 0; i < series.length; i++) {
      series[i] = i % 10 == 0 ? random.nextGaussian() : series[i - 1];
    }
    assertEquals(500, EffectiveSampleSize.of(series).effective(), 100);
  }

  @Test
  void alternationAndConstancyClaimNoMoreThanTheSamplesThatThereAre() {
    double[] alternating = new double[1000];
    for (int i = 0; i < alternating.length; i++) {
      alternating[i] = i % 2;
    }
    assertEquals(1000, EffectiveSampleSize.of(alternating).effective());
    assertEquals(1000, EffectiveSampleSize.of(new double[1000]).effective());
    assertEquals(1, EffectiveSampleSize.of(new double[] {4}).effective());
  }

  @Test
  void equalValuesAreWorthTheirNumberWhateverTheirMeanRoundsTo() {
    assertEquals(3, EffectiveSampleSize.of(new double[] {0.1, 0.1, 0.1}).effective());
  }

  @Test
  void aStepIsWorthAFewSamples() {
    double[] step = new double[10_000];
    Arrays.fill(step, 5000, 10_000, 1);
    assertTrue(EffectiveSampleSize.of(step).effective() < 5);
  }

  @Test
  void anInfiniteValueIsAllowedWhereOnlyTheOrderCounts() {
    double[] series = {1, 2, Double.POSITIVE_INFINITY, 3};
    assertThrows(IllegalArgumentException.class, () -> EffectiveSampleSize.of(series));
    assertTrue(EffectiveSampleSize.ofIndicator(series, 2).effective() >= 1);
    assertTrue(EffectiveSampleSize.ofIndicator(series, Double.POSITIVE_INFINITY).effective() >= 1);
  }

  private static double meanTime(double rho, int n) {
    Random random = new Random(11);
    int runs = n > 100_000 ? 3 : 20;
    double sum = 0;
    for (int run = 0; run < runs; run++) {
      sum += EffectiveSampleSize.of(Series.autoregressive(random, n, rho)).autocorrelationTime();
    }
    return sum / runs;
  }
}

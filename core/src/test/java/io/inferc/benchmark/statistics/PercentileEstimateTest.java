package io.inferc.benchmark.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PercentileEstimateTest {
  private static final double CONFIDENCE = 0.95;
  private static final double NORMAL_P95 = 1.6448536269514722;
  private static final double NORMAL_P99 = 2.3263478740408408;

  @Test
  void theMedianOfTenIsHeldByTheSecondAndTheNinthAsTablesOfTheSignTestSay() {
    PercentileEstimate median = PercentileEstimate.of(Series.shuffledRanks(10, 1), 50, CONFIDENCE);
    assertEquals(5, median.value());
    assertEquals(2, median.low());
    assertEquals(9, median.high());
  }

  @Test
  void theMedianOfFiveHasNoIntervalOf95PercentAndThatOfSixIsHeldByAll() {
    PercentileEstimate five = PercentileEstimate.of(Series.shuffledRanks(5, 1), 50, CONFIDENCE);
    assertEquals(Double.NEGATIVE_INFINITY, five.low());
    assertEquals(Double.POSITIVE_INFINITY, five.high());
    assertTrue(five.lowerBound().isEmpty());
    assertTrue(five.upperBound().isEmpty());
    PercentileEstimate six = PercentileEstimate.of(Series.shuffledRanks(6, 1), 50, CONFIDENCE);
    assertEquals(1, six.low());
    assertEquals(6, six.high());
  }

  @Test
  void theRanksForAHundredSamplesAreThoseOfTheBinomialDistribution() {
    PercentileEstimate p90 = PercentileEstimate.of(Series.shuffledRanks(100, 2), 90, CONFIDENCE);
    assertEquals(90, p90.value());
    // P(Bin(100, 0.9) <= 82) = 0.0100, <= 83 = 0.0206, <= 84 = 0.0399;
    // P(Bin(100, 0.9) >= 96) = 0.0237, >= 95 = 0.0576
    assertEquals(84, p90.low());
    assertEquals(96, p90.high());
    assertEquals(100, p90.samples());
    assertEquals(100, p90.effectiveSamples());
  }

  @Test
  void aHighPercentileOfFewSamplesHasNoUpperBound() {
    PercentileEstimate few = PercentileEstimate.of(Series.shuffledRanks(500, 3), 99.9, CONFIDENCE);
    assertEquals(500, few.value());
    assertTrue(few.upperBound().isEmpty());
    assertTrue(few.lowerBound().isPresent());
    assertTrue(few.toString().endsWith("unbounded)"), few.toString());
  }

  @Test
  void theLeastNumberForAnUpperBoundIsTheFirstThatHasOne() {
    assertEquals(3688, PercentileEstimate.samplesForUpperBound(99.9, CONFIDENCE));
    assertEquals(368, PercentileEstimate.samplesForUpperBound(99, CONFIDENCE));
    assertEquals(6, PercentileEstimate.samplesForUpperBound(50, CONFIDENCE));
    double[] enough = Series.shuffledRanks(368, 4);
    assertEquals(368, PercentileEstimate.of(enough, 99, CONFIDENCE).high());
    double[] oneFewer = Series.shuffledRanks(367, 4);
    assertTrue(PercentileEstimate.of(oneFewer, 99, CONFIDENCE).upperBound().isEmpty());
  }

  @Test
  void anUpperBoundForASearchOfLoadTakesFewerSamplesThanAnInterval() {
    assertEquals(299, PercentileBound.samplesNeeded(99, CONFIDENCE));
    assertEquals(59, PercentileBound.samplesNeeded(95, CONFIDENCE));
    assertFalse(PercentileBound.of(Series.shuffledRanks(298, 5), 99, CONFIDENCE).keeps(1e9));
    PercentileBound bound = PercentileBound.of(Series.shuffledRanks(299, 5), 99, CONFIDENCE);
    assertTrue(bound.keeps(299));
    assertFalse(bound.keeps(298.9));
  }

  @Test
  void equalShareAndCountMeetInTheNearestRankDespiteRounding() {
    assertEquals(7, PercentileEstimate.of(Series.shuffledRanks(100, 6), 7, CONFIDENCE).value());
    assertEquals(29, PercentileEstimate.of(Series.shuffledRanks(100, 6), 29, CONFIDENCE).value());
    assertEquals(
        999, PercentileEstimate.of(Series.shuffledRanks(1000, 6), 99.9, CONFIDENCE).value());
    assertEquals(1, PercentileEstimate.of(new double[] {1, 2}, 50, CONFIDENCE).value());
  }

  @Test
  void requestsWithoutAnAnswerCountAsInfinitelyLong() {
    double[] samples = Series.shuffledRanks(100, 7);
    PercentileEstimate p90 =
        PercentileEstimate.of(
            Series.map(samples, x -> x > 95 ? Double.POSITIVE_INFINITY : x), 90, CONFIDENCE);
    assertEquals(90, p90.value());
    assertTrue(p90.upperBound().isEmpty());
  }

  @Test
  void independentSamplesAreCoveredAsOftenAsPromised() {
    Random random = new Random(20);
    assertCoverage(random, 0, 50, 0, 0.95, 0.975, this::independent);
    assertCoverage(random, 0, 95, NORMAL_P95, 0.95, 0.985, this::independent);
  }

  @Test
  void intervalsOfCorrelatedSamplesAreWideEnoughWhereThoseOfIndependentOnesAreNot() {
    Random random = new Random(21);
    assertCoverage(random, 0.9, 50, 0, 0.3, 0.5, this::independent);
    assertCoverage(random, 0.9, 50, 0, 0.93, 1, this::series);
    assertCoverage(random, 0.9, 95, NORMAL_P95, 0.93, 1, this::series);
    assertCoverage(random, 0.9, 99, NORMAL_P99, 0.93, 1, this::series);
  }

  @Test
  void independentSamplesLoseLittleByAskingWhetherTheyAreCorrelated() {
    Random random = new Random(22);
    double ratio = 0;
    for (int run = 0; run < 50; run++) {
      double[] samples = Series.autoregressive(random, 2000, 0);
      PercentileEstimate plain = PercentileEstimate.of(samples, 95, CONFIDENCE);
      PercentileEstimate asked = PercentileEstimate.ofSeries(samples, 95, CONFIDENCE);
      ratio += (asked.high() - asked.low()) / (plain.high() - plain.low()) / 50;
    }
    assertTrue(ratio >= 1 && ratio < 1.15, "intervals are " + ratio + " times as wide");
  }

  @Test
  void onePauseTellsLittleOfTheP99HoweverManyRequestsItHeldUp() {
    double[] series = new double[2000];
    for (int i = 0; i < series.length; i++) {
      series[i] = i >= 1000 && i < 1040 ? 200 - i % 1000 : 1 + i % 7 * 0.01;
    }
    assertTrue(PercentileEstimate.of(series, 99, CONFIDENCE).low() > 100);
    assertTrue(PercentileEstimate.ofSeries(series, 99, CONFIDENCE).low() < 2);
  }

  @Test
  void argumentsOutOfRangeAreRefusedWithWhatToGive() {
    double[] samples = {1, 2, 3};
    assertRefused("between 0 and 100", () -> PercentileEstimate.of(samples, 100, CONFIDENCE));
    assertRefused("between 0 and 1", () -> PercentileEstimate.of(samples, 50, 95));
    assertRefused("at least 1", () -> PercentileEstimate.of(new double[0], 50, CONFIDENCE));
    assertRefused(
        "sample 1 is not a number",
        () -> PercentileEstimate.of(new double[] {1, Double.NaN}, 50, CONFIDENCE));
  }

  private static void assertRefused(String words, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(words), message);
  }

  private PercentileEstimate independent(double[] samples, double percentile) {
    return PercentileEstimate.of(samples, percentile, CONFIDENCE);
  }

  private PercentileEstimate series(double[] samples, double percentile) {
    return PercentileEstimate.ofSeries(samples, percentile, CONFIDENCE);
  }

  private interface Estimator {
    PercentileEstimate estimate(double[] samples, double percentile);
  }

  private static void assertCoverage(
      Random random,
      double rho,
      double percentile,
      double truth,
      double least,
      double most,
      Estimator estimator) {
    int runs = 600;
    int held = 0;
    for (int run = 0; run < runs; run++) {
      double[] samples = Series.autoregressive(random, 3000, rho);
      PercentileEstimate estimate = estimator.estimate(samples, percentile);
      if (estimate.low() <= truth && truth <= estimate.high()) {
        held++;
      }
    }
    double coverage = (double) held / runs;
    double chance = 2.5 * Math.sqrt(least * (1 - least) / runs);
    assertTrue(
        coverage >= least - chance && coverage <= most + chance,
        "P" + percentile + " with correlation " + rho + " is held in " + coverage);
  }
}

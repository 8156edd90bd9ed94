package io.inferc.benchmark.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.statistics.Difference.Verdict;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Blocks here drift together by 5 %, and each on its own by 3 %. */
class DifferenceTest {
  @Test
  void anIntervalOfFewPairsGrowsWithTheConfidence() {
    double[] ones = {1, 1, 1, 1, 1};
    double[] ratios = {0.98, 1.01, 1, 0.99, 1.02};
    double width = 0;
    for (double confidence : new double[] {0.9, 0.95, 0.99, 0.999}) {
      RatioEstimate estimate = RatioBootstrap.ofPairs(ratios, ones, confidence, 1);
      assertTrue(estimate.high() - estimate.low() > 1.01 * width, estimate::toString);
      width = estimate.high() - estimate.low();
    }
    // Student's, for five values: 4.604 standard errors of 0.0071 on either side.
    RatioEstimate wide = RatioBootstrap.ofPairs(ratios, ones, 0.99, 1);
    assertTrue(Math.log(wide.high() / wide.low()) >= 2 * 4.604 * 0.00706, wide::toString);
  }

  private static final double CONFIDENCE = 0.95;
  private static final int RUNS = 300;

  private final Random random = new Random(2024);

  private double[][] blocks(int n, double rho, double slowdown, double outliers) {
    double[] drift = Series.autoregressive(random, n, 0.9);
    double[][] blocks = new double[2][];
    for (int k = 0; k < 2; k++) {
      double factor = k == 0 ? 1 : slowdown;
      double[] own = Series.autoregressive(random, n, rho);
      blocks[k] = new double[n];
      for (int i = 0; i < n; i++) {
        double pause = random.nextDouble() < outliers ? 1.2 : 1;
        blocks[k][i] = 10 * factor * pause * Math.exp(0.05 * drift[i] + 0.03 * own[i]);
      }
    }
    return blocks;
  }

  private double share(Verdict verdict, int n, double rho, double slowdown, double outliers) {
    int found = 0;
    for (int run = 0; run < RUNS; run++) {
      double[][] blocks = blocks(n, rho, slowdown, outliers);
      Verdict said = Difference.ofTimes(blocks[0], blocks[1], CONFIDENCE, run).verdict();
      found += said == verdict ? 1 : 0;
    }
    return (double) found / RUNS;
  }

  private void assertEqualOnesAreRarelyToldApart(int n, double rho, double outliers) {
    double said = 1 - share(Verdict.NO_DIFFERENCE_SHOWN, n, rho, 1, outliers);
    assertTrue(said <= 0.05, n + " pairs with correlation " + rho + ": " + said);
  }

  @Test
  void theSameTwiceIsCalledDifferentInAtMostFivePercent() {
    assertEqualOnesAreRarelyToldApart(10, 0, 0);
    assertEqualOnesAreRarelyToldApart(30, 0, 0);
    assertEqualOnesAreRarelyToldApart(100, 0, 0);
    assertEqualOnesAreRarelyToldApart(30, 0, 0.1);
  }

  @Test
  void theSameTwiceIsCalledDifferentInAtMostFivePercentAlsoWhereBlocksCorrelate() {
    assertEqualOnesAreRarelyToldApart(30, 0.3, 0);
    assertEqualOnesAreRarelyToldApart(30, 0.5, 0);
    assertEqualOnesAreRarelyToldApart(60, 0.85, 0);
  }

  @Test
  void fivePercentSlowerIsFoundInAtLeastEightyPercent() {
    assertFound(Verdict.SLOWER, 20, 0, 1.05, 0);
    assertFound(Verdict.SLOWER, 30, 0, 1.05, 0);
    assertFound(Verdict.SLOWER, 30, 0.3, 1.05, 0);
    assertFound(Verdict.SLOWER, 60, 0.5, 1.05, 0);
    assertFound(Verdict.SLOWER, 30, 0, 1.05, 0.03);
    assertFound(Verdict.FASTER, 30, 0, 1 / 1.05, 0);
  }

  private void assertFound(Verdict verdict, int n, double rho, double slowdown, double outliers) {
    double found = share(verdict, n, rho, slowdown, outliers);
    assertTrue(found >= 0.8, n + " pairs with correlation " + rho + ": " + found);
  }

  @Test
  void theIntervalHoldsTheTrueRatioAsOftenAsPromised() {
    assertCoverage(8, 0);
    assertCoverage(30, 0);
    assertCoverage(60, 0.5);
  }

  private void assertCoverage(int n, double rho) {
    int held = 0;
    for (int run = 0; run < RUNS; run++) {
      double[][] blocks = blocks(n, rho, 1.3, 0);
      RatioEstimate ratio = RatioBootstrap.ofPairs(blocks[1], blocks[0], CONFIDENCE, run);
      held += ratio.low() <= 1.3 && 1.3 <= ratio.high() ? 1 : 0;
    }
    double coverage = (double) held / RUNS;
    assertTrue(coverage >= 0.92, n + " pairs with correlation " + rho + ": " + coverage);
  }

  @Test
  void withoutNoiseTheRatioIsExactAndItsIntervalAPoint() {
    double[] baseline = {10, 11, 12, 10, 11, 12};
    double[] candidate = Series.map(baseline, x -> x * 0.8);
    RatioEstimate ratio = RatioBootstrap.ofPairs(candidate, baseline, CONFIDENCE, 1);
    assertEquals(0.8, ratio.ratio(), 1e-12);
    assertEquals(0.8, ratio.low(), 1e-12);
    assertEquals(0.8, ratio.high(), 1e-12);
    assertEquals(1.25, ratio.inverse().ratio(), 1e-12);
    assertTrue(ratio.excludesOne());
  }

  @Test
  void theRatioIsTheGeometricMeanAndTheSeedFixesTheInterval() {
    double[] first = {2, 8, 4, 4, 4};
    double[] second = {1, 1, 1, 1, 1};
    RatioEstimate once = RatioBootstrap.ofPairs(first, second, CONFIDENCE, 7);
    assertEquals(4, once.ratio(), 1e-12);
    assertEquals(once, RatioBootstrap.ofPairs(first, second, CONFIDENCE, 7));
    assertTrue(once.low() < 4 && once.high() > 4);
  }

  @Test
  void moreOfARateIsFasterAndMoreOfATimeIsSlower() {
    double[][] blocks = blocks(40, 0, 1.2, 0);
    assertEquals(Verdict.SLOWER, Difference.ofTimes(blocks[0], blocks[1], CONFIDENCE, 1).verdict());
    Difference rates = Difference.ofRates(blocks[0], blocks[1], CONFIDENCE, 1);
    assertEquals(Verdict.FASTER, rates.verdict());
    assertEquals(1.2, rates.ratio().ratio(), 0.02);
    assertTrue(rates.toString().startsWith("faster: 1."), rates.toString());
  }

  @Test
  void equalSeriesShowNoDifference() {
    double[] same = {5, 5, 5, 5, 5, 5};
    Difference difference = Difference.ofTimes(same, same, CONFIDENCE, 1);
    assertEquals(Verdict.NO_DIFFERENCE_SHOWN, difference.verdict());
    assertEquals(1, difference.ranks().pValue());
  }

  @Test
  void oneGreatOutlierShowsNoDifference() {
    double[][] blocks = blocks(20, 0, 1, 0);
    blocks[1][7] *= 1000;
    assertEquals(
        Verdict.NO_DIFFERENCE_SHOWN,
        Difference.ofTimes(blocks[0], blocks[1], CONFIDENCE, 1).verdict());
  }

  @Test
  void blocksThatAreNoPairsAreRefused() {
    double[] five = {1, 1, 1, 1, 1};
    double[] four = {1, 1, 1, 1};
    double[] zero = {1, 1, 1, 1, 0};
    assertThrows(
        IllegalArgumentException.class, () -> Difference.ofTimes(five, four, CONFIDENCE, 1));
    assertThrows(
        IllegalArgumentException.class, () -> Difference.ofTimes(four, four, CONFIDENCE, 1));
    assertThrows(
        IllegalArgumentException.class, () -> Difference.ofTimes(five, zero, CONFIDENCE, 1));
  }
}

package io.inferc.benchmark.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.statistics.NestedEstimate.Plan;
import io.inferc.benchmark.statistics.NestedEstimate.Variation;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NestedEstimateTest {
  private static final double CONFIDENCE = 0.95;

  /** Means 10, 12 and 14; within a process variance 2, between means 4. */
  private static final double[][] THREE = {{9, 11}, {11, 13}, {13, 15}};

  @Test
  void theVariancesWithinAndBetweenAreThoseOfTheAnalysisOfVariance() {
    Variation variation = NestedEstimate.of(THREE, THREE, CONFIDENCE).first();
    assertEquals(12, variation.mean(), 1e-12);
    assertEquals(2, variation.withinVariance(), 1e-12);
    assertEquals(4, variation.meanVariance(), 1e-12);
    // 4 - 2 / 2
    assertEquals(3, variation.betweenVariance(), 1e-12);
    assertEquals(3, variation.processes());
    assertEquals(2, variation.blocks(), 1e-12);
  }

  @Test
  void theIntervalOfARatioIsFiellersWorkedOutByHand() {
    double[][] steady = {{6, 6}, {6, 6}, {6, 6}};
    NestedEstimate estimate = NestedEstimate.of(THREE, steady, CONFIDENCE);
    // The mean below is exact, so it is Student's interval of the mean above: t(2) = 4.3027.
    double half = 4.302653 * 2 / Math.sqrt(3) / 6;
    assertEquals(2, estimate.ratio().ratio(), 1e-12);
    assertEquals(2 - half, estimate.ratio().low(), 1e-6);
    assertEquals(2 + half, estimate.ratio().high(), 1e-6);

    // Both vary: h = t^2 * 4 / 3 = 24.684, (144 ± sqrt(144^2 - (144 - h)^2)) / (144 - h).
    double h = 4.302653 * 4.302653 * 4 / 3;
    double root = Math.sqrt(144 * 144 - (144 - h) * (144 - h));
    RatioEstimate both = NestedEstimate.of(THREE, THREE, CONFIDENCE).ratio();
    assertEquals((144 - root) / (144 - h), both.low(), 1e-6);
    assertEquals((144 + root) / (144 - h), both.high(), 1e-6);
  }

  @Test
  void aMeanThatMayBeNothingBoundsNoRatio() {
    double[][] wild = {{1, 1}, {100, 100}};
    assertEquals(
        Double.POSITIVE_INFINITY, NestedEstimate.of(THREE, wild, CONFIDENCE).ratio().high());
  }

  @Test
  void theBestNumberOfBlocksIsThatOfKaliberaAndJones() {
    // sqrt(cost of a process / cost of a block * variance within / between)
    Variation variation = new Variation(10, 18, 2, 3, 10, 5);
    assertEquals(6, variation.bestBlocks(4, 1));
    assertEquals(3, variation.bestBlocks(1, 1));
    assertEquals(1, variation.bestBlocks(1, 1000));
    assertEquals(Integer.MAX_VALUE, new Variation(10, 18, 0, 3, 10, 5).bestBlocks(4, 1));
    assertEquals(1, new Variation(10, 0, 0, 0, 10, 5).bestBlocks(4, 1));
  }

  @Test
  void aPlanReachesThePrecisionAndNoSmallerOneDoes() {
    NestedEstimate pilot = pilot(new Random(5), 30, 10);
    Plan plan = pilot.plan(0.01, 10, 1, 50);
    Random random = new Random(6);
    double half = 0;
    for (int run = 0; run < 40; run++) {
      NestedEstimate again = pilot(random, plan.processes(), plan.blocks());
      half += (again.ratio().high() - again.ratio().low()) / 2 / again.ratio().ratio() / 40;
    }
    assertEquals(0.01, half, 0.002);
    assertTrue(pilot.plan(0.005, 10, 1, 50).processes() > 3 * plan.processes());
    assertEquals(4, pilot.plan(0.01, 1000, 1, 4).blocks());
  }

  private static NestedEstimate pilot(Random random, int processes, int blocks) {
    return NestedEstimate.of(
        measured(random, processes, blocks, 10), measured(random, processes, blocks, 10), 0.95);
  }

  private static double[][] measured(Random random, int processes, int blocks, double mean) {
    double[][] values = new double[processes][blocks];
    for (double[] process : values) {
      double own = mean * (1 + 0.02 * random.nextGaussian());
      for (int k = 0; k < blocks; k++) {
        process[k] = own * (1 + 0.03 * random.nextGaussian());
      }
    }
    return values;
  }

  @Test
  void theIntervalHoldsTheTrueRatioWhereOneOfAllBlocksWouldNot() {
    Random random = new Random(9);
    int held = 0;
    int heldByBlocks = 0;
    int runs = 1000;
    for (int run = 0; run < runs; run++) {
      double[][] first = measured(random, 8, 20, 12);
      double[][] second = measured(random, 8, 20, 10);
      NestedEstimate estimate = NestedEstimate.of(first, second, CONFIDENCE);
      held += estimate.ratio().low() <= 1.2 && 1.2 <= estimate.ratio().high() ? 1 : 0;
      double error = 1.2 * 0.03 * Math.sqrt(2.0 / 160);
      heldByBlocks += Math.abs(estimate.ratio().ratio() - 1.2) <= 1.96 * error ? 1 : 0;
    }
    assertEquals(0.96, held / 1000.0, 0.025);
    assertTrue(heldByBlocks < 700, "held by " + heldByBlocks);
  }

  @Test
  void pairsInOneProcessDoNotCountWhatItDoesToBoth() {
    double[][] first = {{11, 22}, {110, 220}, {33, 66}};
    double[][] second = {{10, 20}, {100, 200}, {30, 60}};
    NestedEstimate estimate = NestedEstimate.ofPairs(first, second, CONFIDENCE);
    assertEquals(1.1, estimate.ratio().ratio(), 1e-12);
    assertEquals(1.1, estimate.ratio().low(), 1e-9);
    assertEquals(1.1, estimate.ratio().high(), 1e-9);
    assertTrue(NestedEstimate.of(first, second, CONFIDENCE).ratio().high() > 2);
  }

  @Test
  void aQuantityAgainstItselfCentresOnOneBothWaysRound() {
    Random random = new Random(3);
    double sum = 0;
    int held = 0;
    int runs = 400;
    for (int run = 0; run < runs; run++) {
      double[][] first = lognormal(random, 8, 20);
      double[][] second = lognormal(random, 8, 20);
      RatioEstimate there = NestedEstimate.ofPairs(first, second, CONFIDENCE).ratio();
      RatioEstimate back = NestedEstimate.ofPairs(second, first, CONFIDENCE).ratio();
      assertEquals(1 / there.ratio(), back.ratio(), 1e-12);
      assertEquals(1 / there.low(), back.high(), 1e-12);
      assertEquals(1 / there.high(), back.low(), 1e-12);
      sum += there.ratio();
      held += there.excludesOne() ? 0 : 1;
    }
    // The mean of the ratios themselves would be exp(0.25), 1.28.
    assertEquals(1, sum / runs, 0.02);
    assertEquals(0.95, held / (double) runs, 0.03);
  }

  private static double[][] lognormal(Random random, int processes, int blocks) {
    double[][] values = new double[processes][blocks];
    for (double[] process : values) {
      Arrays.setAll(process, k -> Math.exp(0.5 * random.nextGaussian()));
    }
    return values;
  }

  @Test
  void thePairsVaryAsTheirLogarithmsDoRelativeToTheirMean() {
    double e = Math.E;
    double[][] first = {{2, 2 * e * e}, {2 * e, 2 * e * e * e}, {2 * e * e, 2 * e * e * e * e}};
    double[][] second = {{1, 1}, {1, 1}, {1, 1}};
    NestedEstimate estimate = NestedEstimate.ofPairs(first, second, CONFIDENCE);
    // Logarithms without that of 2: 0 and 2, 1 and 3, 2 and 4.
    double mean = 2 * e * e;
    assertEquals(mean, estimate.first().mean(), 1e-9);
    assertEquals(2 * mean * mean, estimate.first().withinVariance(), 1e-6);
    assertEquals(mean * mean, estimate.first().meanVariance(), 1e-6);
    assertEquals(0, estimate.first().betweenVariance(), 1e-6);
    assertEquals(mean * Math.exp(4.302653 / Math.sqrt(3)), estimate.ratio().high(), 1e-4);
  }

  @Test
  void tooFewProcessesOrBlocksAreRefused() {
    assertRefused(new double[][] {{1, 2}}, THREE);
    assertRefused(new double[][] {{1}, {2}}, THREE);
    assertRefused(new double[][] {{1, 0}, {2, 3}}, THREE);
    assertThrows(
        IllegalArgumentException.class,
        () -> NestedEstimate.ofPairs(THREE, new double[][] {{1, 2}, {1, 2}}, CONFIDENCE));
  }

  private static void assertRefused(double[][] first, double[][] second) {
    assertThrows(
        IllegalArgumentException.class, () -> NestedEstimate.of(first, second, CONFIDENCE));
  }
}

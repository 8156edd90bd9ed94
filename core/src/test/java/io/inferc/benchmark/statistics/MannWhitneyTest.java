package io.inferc.benchmark.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MannWhitneyTest {
  @Test
  void threeValuesAllBelowThreeOthersHaveTheProbabilityOfOneOrderInTen() {
    // 2 of the 20 orders of 3 and 3 are as extreme.
    MannWhitney test = MannWhitney.of(new double[] {1, 2, 3}, new double[] {4, 5, 6});
    assertEquals(0, test.u());
    assertEquals(0.1, test.pValue(), 1e-12);
    assertEquals(0, test.superiority());
    assertEquals(9, MannWhitney.of(new double[] {4, 5, 6}, new double[] {1, 2, 3}).u());
  }

  @Test
  void theExampleOfTortoisesAndHaresHasItsU() {
    // Tortoise first, then five hares, five tortoises, one hare: ranks of finishing.
    double[] tortoises = {1, 7, 8, 9, 10, 11};
    double[] hares = {2, 3, 4, 5, 6, 12};
    MannWhitney test = MannWhitney.of(tortoises, hares);
    assertEquals(25, test.u());
    assertEquals(25.0 / 36, test.superiority(), 1e-12);
  }

  @Test
  void tiesCountHalf() {
    MannWhitney test = MannWhitney.of(new double[] {1, 2}, new double[] {2, 3});
    assertEquals(0.5, test.u());
    assertTrue(test.pValue() > 0.1);
    assertEquals(1, MannWhitney.of(new double[] {3, 3}, new double[] {3, 3}).pValue());
    assertEquals(0.5, MannWhitney.of(new double[] {3, 3}, new double[] {3, 3}).superiority());
  }

  @Test
  void manyValuesAreComparedByTheNormalApproximation() {
    double[] ranks = Series.shuffledRanks(200, 3);
    double[] higher = Series.map(ranks, x -> x + 20);
    double[] shifted = Series.map(ranks, x -> x + 20.5);
    // u = 16110, of mean 20000 and variance 200 * 200 * 401 / 12: z = 3.365.
    assertEquals(0.00077, MannWhitney.of(ranks, shifted).pValue(), 0.00005);
    assertTrue(MannWhitney.of(ranks, higher).pValue() < 0.01);
  }

  @Test
  void aGreaterStandardErrorTakesFromTheSignificance() {
    MannWhitney test = new MannWhitney(0, 0.05, 0);
    // 1.95996 / 2 = 0.97998, which leaves 0.3271 on both sides.
    assertEquals(0.3271, test.stretched(2).pValue(), 0.0001);
    assertEquals(0.05, test.stretched(1).pValue());
  }

  @Test
  void anEmptySampleIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> MannWhitney.of(new double[0], new double[] {1}));
  }
}

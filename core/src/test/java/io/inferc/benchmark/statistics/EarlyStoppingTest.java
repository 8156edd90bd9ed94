package io.inferc.benchmark.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EarlyStoppingTest {
  @Test
  void atP99ItTakes459QueriesWithNoneOverTheLimit() {
    EarlyStopping rule = EarlyStopping.of(99);
    assertEquals(459, rule.queriesNeeded(0));
    assertTrue(rule.passes(459, 0));
    assertFalse(rule.passes(458, 0));
    assertFalse(rule.passes(459, 1));
    assertEquals(1, rule.queriesMissing(458, 0));
    assertEquals(0, rule.queriesMissing(500, 0));
  }

  @ParameterizedTest
  @CsvSource({"90, 64", "99, 662"})
  void anEstimateTakesAsManyQueriesAsLoadGenSays(double percentile, long queries) {
    EarlyStopping rule = EarlyStopping.of(percentile);
    assertEquals(queries, rule.queriesForEstimate());
    assertEquals(0, rule.discarded(queries));
    assertThrows(IllegalArgumentException.class, () -> rule.discarded(queries - 1));
    assertTrue(rule.estimate(new double[(int) queries - 1]).isEmpty());
  }

  /** Queries and discarded ones as published runs of MLPerf Inference log them. */
  @ParameterizedTest
  @CsvSource({
    "90, 2048, 172",
    "90, 2116, 178",
    "90, 2145, 181",
    "90, 4776846, 476158",
    "99, 1179125, 11539",
    "99, 2091550, 20579"
  })
  void runsOfMlPerfDiscardAsManyQueriesAsTheirLogsSay(
      double percentile, long queries, long discarded) {
    assertEquals(discarded, EarlyStopping.of(percentile).discarded(queries));
  }

  @Test
  void theEstimateIsTheLongestLatencyThatIsNotDiscarded() {
    assertEquals(
        2048 - 172, EarlyStopping.of(90).estimate(Series.shuffledRanks(2048, 1)).getAsDouble());
    assertEquals(64, EarlyStopping.of(90).estimate(Series.shuffledRanks(64, 1)).getAsDouble());
  }

  @Test
  void aToleranceMakesFewerQueriesEnough() {
    // The least n with 0.98^n < 0.01.
    assertEquals(228, new EarlyStopping(99, 0.99, 0.01).queriesNeeded(0));
    // The least n with 0.99^n < 0.05.
    assertEquals(299, new EarlyStopping(99, 0.95, 0).queriesNeeded(0));
  }

  @Test
  void moreOverTheLimitTakeMoreQueriesAndTheShareTendsToThatOfThePercentile() {
    EarlyStopping rule = EarlyStopping.of(99);
    long last = 0;
    for (long over = 0; over < 50; over++) {
      long needed = rule.queriesNeeded(over);
      assertTrue(needed > last);
      assertFalse(rule.passes(needed - 1, over));
      assertTrue(rule.passes(needed, over));
      last = needed;
    }
    assertEquals(0.01, 10_000.0 / rule.queriesNeeded(10_000), 0.0003);
  }

  @Test
  void argumentsOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> EarlyStopping.of(100));
    assertThrows(IllegalArgumentException.class, () -> new EarlyStopping(99, 0.99, 0.99));
    assertThrows(IllegalArgumentException.class, () -> EarlyStopping.of(99).passes(10, 11));
    assertThrows(IllegalArgumentException.class, () -> EarlyStopping.of(99).queriesNeeded(-1));
  }
}

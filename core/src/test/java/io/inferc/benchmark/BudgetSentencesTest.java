package io.inferc.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import org.junit.jupiter.api.Test;

class BudgetSentencesTest {
  private static final Cost RENTED = Cost.rented(1.8, "EUR");

  @Test
  void aGainIsSaidWithItsInterval() {
    BudgetSentences said =
        BudgetSentences.of(figures(ratio(2, 1.6, 2.5), ratio(0.65, 0.6, 0.7), RENTED));
    assertEquals(
        "At equal latency (P95 within 50 ms), INT8 serves 2.00 times as many requests as FP32,"
            + " [1.60, 2.50] (95 % confidence).",
        said.throughput());
    assertEquals(
        "At equal load (200 requests/s), the P95 latency of INT8 is 35 % [30, 40] lower than that"
            + " of FP32 (95 % confidence).",
        said.latency());
    assertEquals(
        "A million requests (at P95 within 50 ms) cost 1.00 EUR [0.91, 1.11] with INT8 and 2.00 EUR"
            + " [1.82, 2.22] with FP32: 50 % [38, 60] less (95 % confidence).",
        said.cost());
  }

  @Test
  void aLossIsSaidAsPlainly() {
    BudgetSentences said =
        BudgetSentences.of(figures(ratio(0.8, 0.75, 0.9), ratio(1.2, 1.1, 1.3), RENTED));
    assertTrue(said.throughput().startsWith("At equal latency"), said.throughput());
    assertTrue(said.throughput().contains("0.80 times as many"), said.throughput());
    assertTrue(said.latency().contains("20 % [10, 30] higher"), said.latency());
    assertTrue(said.cost().contains("25 % [11, 33] more"), said.cost());
  }

  @Test
  void anIntervalThatHoldsOneShowsNoDifference() {
    BudgetSentences said =
        BudgetSentences.of(figures(ratio(1.02, 0.98, 1.06), ratio(0.99, 0.95, 1.04), RENTED));
    for (String sentence : said.all()) {
      assertTrue(sentence.startsWith("No difference shown: "), sentence);
    }
    assertTrue(
        said.latency().contains("between 5 % lower than and 4 % higher than that of FP32"),
        said.latency());
  }

  @Test
  void aBoundAtOneShowsNoDifferenceEither() {
    BudgetSentences said =
        BudgetSentences.of(figures(ratio(1.1, 1, 1.2), ratio(0.9, 0.8, 1), RENTED));
    for (String sentence : said.all()) {
      assertTrue(sentence.startsWith("No difference shown: "), sentence);
    }
  }

  @Test
  void aDearerMachineMayEatTheGain() {
    BudgetSentences said =
        BudgetSentences.of(
            figures(ratio(2, 1.6, 2.5), ratio(0.65, 0.6, 0.7), Cost.rented(7.2, "EUR")));
    assertTrue(said.throughput().startsWith("At equal latency"), said.throughput());
    assertTrue(said.cost().contains("100 % [60, 150] more"), said.cost());
  }

  @Test
  void anUnboundedRatioIsNoNumber() {
    BudgetSentences said =
        BudgetSentences.of(
            figures(
                ratio(2, 1.6, Double.POSITIVE_INFINITY),
                ratio(1.2, 0.9, Double.POSITIVE_INFINITY),
                RENTED));
    assertTrue(said.throughput().contains("[1.60, unbounded)"), said.throughput());
    assertTrue(said.latency().contains("any percentage"), said.latency());
  }

  @Test
  void twoCurrenciesAreNotCompared() {
    assertThrows(
        IllegalArgumentException.class,
        () -> figures(ratio(2, 1.6, 2.5), ratio(0.65, 0.6, 0.7), Cost.rented(1, "USD")));
    assertThrows(
        IllegalArgumentException.class,
        () -> figures(ratio(2, 2.1, 2.5), ratio(0.65, 0.6, 0.7), RENTED));
  }

  @Test
  void aDifferenceThatRanksDoNotShowIsNone() {
    BudgetSentences said =
        BudgetSentences.of(figures(ratio(2, 1.6, 2.5), ratio(0.95, 0.91, 0.98), false, RENTED));
    assertTrue(said.latency().startsWith("No difference shown: at equal load"), said.latency());
    assertTrue(said.throughput().startsWith("At equal latency"), said.throughput());
  }

  private static BudgetFigures figures(RatioEstimate throughput, RatioEstimate p95, Cost cost) {
    return figures(throughput, p95, true, cost);
  }

  private static BudgetFigures figures(
      RatioEstimate throughput, RatioEstimate p95, boolean differs, Cost cost) {
    return new BudgetFigures(
        "FP32",
        "INT8",
        "P95 within 50 ms",
        new Estimate(250, 225, 275, 0.95),
        new Estimate(500, 450, 550, 0.95),
        throughput,
        "200 requests/s",
        p95,
        differs,
        RENTED,
        cost);
  }

  private static RatioEstimate ratio(double ratio, double low, double high) {
    return new RatioEstimate(ratio, low, high, 0.95);
  }
}

package io.inferc.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.statistics.Estimate;
import org.junit.jupiter.api.Test;

class CostTest {
  @Test
  void aMillionRequestsCostTheHoursThatTheyTake() {
    // 1,000,000 / 250 = 4,000 s = 1.111 h.
    Estimate throughput = new Estimate(250, 200, 500, 0.95);
    Estimate hours = Cost.hoursPerMillion(throughput);
    assertEquals(1.1111, hours.value(), 1e-4);
    Estimate price = Cost.rented(1.8, "EUR").perMillion(throughput);
    assertEquals(2, price.value(), 1e-12);
    assertEquals(1, price.low(), 1e-12);
    assertEquals(2.5, price.high(), 1e-12);
    assertEquals(0.95, price.confidence());
  }

  @Test
  void aBoughtMachineCostsItsPriceSpreadOverItsYearsAndItsPower() {
    // 35,064 for 4 years of 8,766 h is 1 an hour; 500 W at 0.30 are 0.15.
    Cost cost = Cost.owned(new Cost.Purchase(35_064, 4, 500, 0.3), "USD");
    assertEquals(1.15, cost.perHour(), 1e-12);
  }

  @Test
  void theHoursThatServeBearThoseThatDoNot() {
    Cost cost = Cost.rented(1.2, "EUR").withUtilisation(0.4);
    assertEquals(3, cost.perHour(), 1e-12);
    assertEquals("3.000 EUR per hour of serving (1.200 per hour, 40 % of them used)", "" + cost);
  }

  @Test
  void figuresThatNoMachineHasAreRefusedByName() {
    assertTrue(refused(() -> Cost.rented(0, "EUR")).contains("price per hour of 0"));
    assertTrue(refused(() -> Cost.rented(Double.NaN, "EUR")).contains("price per hour of NaN"));
    assertTrue(refused(() -> Cost.rented(1, " ")).contains("currency"));
    assertTrue(refused(() -> Cost.rented(1, "EUR").withUtilisation(1.1)).contains("utilisation"));
    assertTrue(refused(() -> new Cost.Purchase(1, 0, 1, 1)).contains("years of 0"));
    assertTrue(refused(() -> new Cost.Purchase(1, 1, -1, 1)).contains("watts of -1"));
  }

  private static String refused(org.junit.jupiter.api.function.Executable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}

package io.inferc.benchmark;

import io.inferc.benchmark.statistics.Estimate;
import java.util.Locale;
import java.util.Objects;

/**
 * What it costs to have a machine serve for an hour.
 *
 * <pre>{@code
 * Cost rented = Cost.rented(1.20, "EUR");
 * Cost owned = Cost.owned(new Cost.Purchase(9_000, 4, 350, 0.25), "EUR").withUtilisation(0.4);
 * Estimate perMillion = rented.perMillion(requestsPerSecond);   // EUR
 * }</pre>
 *
 * @param perPaidHour the price of an hour for which is paid, used or not, above 0
 * @param utilisation the share of the paid hours in which the machine serves as much as was
 *     measured, above 0 and at most 1; the hours that serve bear the others
 * @param currency what prices are called, for example {@code EUR}; nothing is converted
 */
public record Cost(double perPaidHour, double utilisation, String currency) {
  /** The hours of a year, leap years averaged in: 365.25 days. */
  public static final double HOURS_PER_YEAR = 8766;

  private static final double MILLION = 1e6;
  private static final double SECONDS_PER_HOUR = 3600;
  private static final double WATTS_PER_KILOWATT = 1000;

  /**
   * A machine that was bought, and is on for all of its years.
   *
   * @param price of the machine, in the currency of the cost, 0 or more
   * @param years for which it is used, above 0
   * @param watts that it draws on average, cooling included if that is to be paid, 0 or more
   * @param pricePerKwh of a kilowatt-hour, 0 or more
   */
  public record Purchase(double price, double years, double watts, double pricePerKwh) {
    /** Checks the figures. */
    public Purchase {
      requireNotNegative("a price of a machine", price);
      requirePositive("a time of use in years", years);
      requireNotNegative("a power in watts", watts);
      requireNotNegative("a price per kilowatt-hour", pricePerKwh);
    }

    /** What an hour of its life costs. */
    double perHour() {
      return price / (years * HOURS_PER_YEAR) + watts / WATTS_PER_KILOWATT * pricePerKwh;
    }
  }

  /** Checks the figures. */
  public Cost {
    requirePositive("a price per hour", perPaidHour);
    requirePositive("a utilisation", utilisation);
    if (utilisation > 1) {
      throw new IllegalArgumentException(
          "Tried to use a utilisation of "
              + utilisation
              + "; it is a share of the paid hours, for example 0.4.");
    }
    Objects.requireNonNull(currency, "currency");
    if (currency.isBlank()) {
      throw new IllegalArgumentException(
          "Tried to state a cost in a currency without a name; give a label, for example EUR.");
    }
  }

  /**
   * Takes the hours themselves for a price, where no other is known.
   *
   * @return a cost of one machine hour an hour
   */
  public static Cost machineHours() {
    return new Cost(1, 1, "machine hours");
  }

  /**
   * Takes the price of a rented machine, all of whose hours serve.
   *
   * @param perHour the price of an hour, above 0
   * @param currency what prices are called
   * @return the cost
   * @throws IllegalArgumentException if a figure is out of its range
   */
  public static Cost rented(double perHour, String currency) {
    return new Cost(perHour, 1, currency);
  }

  /**
   * Takes a machine that was bought, all of whose hours serve.
   *
   * @param purchase the machine and its power
   * @param currency what prices are called
   * @return the cost: the price spread evenly over the hours of all years, and the power
   * @throws IllegalArgumentException if neither the machine nor its power costs anything
   */
  public static Cost owned(Purchase purchase, String currency) {
    Objects.requireNonNull(purchase, "purchase");
    return new Cost(purchase.perHour(), 1, currency);
  }

  /**
   * Returns this cost for a machine that does not serve all the time.
   *
   * @param share of the paid hours in which it serves as much as was measured, above 0 and at most
   *     1
   * @return the cost
   * @throws IllegalArgumentException if the share is out of its range
   */
  public Cost withUtilisation(double share) {
    return new Cost(perPaidHour, share, currency);
  }

  /**
   * Returns the cost of an hour in which the machine serves.
   *
   * @return in the currency
   */
  public double perHour() {
    return perPaidHour / utilisation;
  }

  /**
   * Returns what a million requests cost.
   *
   * @param requestsPerSecond that one such machine serves, best at the latency limit
   * @return in the currency, with the interval of the throughput
   */
  public Estimate perMillion(Estimate requestsPerSecond) {
    Objects.requireNonNull(requestsPerSecond, "requestsPerSecond");
    return hoursPerMillion(requestsPerSecond).times(perHour());
  }

  /**
   * Returns how long one machine serves for a million requests.
   *
   * @param requestsPerSecond that it serves
   * @return hours, with the interval of the throughput
   */
  public static Estimate hoursPerMillion(Estimate requestsPerSecond) {
    Objects.requireNonNull(requestsPerSecond, "requestsPerSecond");
    return requestsPerSecond.under(MILLION / SECONDS_PER_HOUR);
  }

  /** Returns text such as {@code 1.2 EUR per hour of serving}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.4g %s per hour of serving%s",
        perHour(),
        currency,
        utilisation < 1
            ? String.format(
                Locale.ROOT,
                " (%.4g per hour, %.0f %% of them used)",
                perPaidHour,
                100 * utilisation)
            : "");
  }

  private static void requirePositive(String what, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "Tried to reckon with " + what + " of " + value + "; it must be positive and finite.");
    }
  }

  private static void requireNotNegative(String what, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "Tried to reckon with " + what + " of " + value + "; it must be finite, 0 or more.");
    }
  }
}

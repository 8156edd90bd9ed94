package io.inferc.benchmark.statistics;

import java.util.Locale;
import java.util.Objects;

/**
 * Whether a run's figures fit each other: by Little's law the mean number of requests in the system
 * is the rate at which they arrive times the mean time that they stay (J. D. C. Little, "A Proof
 * for the Queuing Formula L = λW", Operations Research 9 (1961)). It holds for any arrivals,
 * service and order, so a breach says that something was counted wrongly: requests lost, latency
 * taken from another start than the schedule's, a number in flight that misses those that wait.
 *
 * <p>In a window of finite length the two sides differ by what the requests that were in the system
 * when it began or ended spent outside it (J. D. C. Little, "Little's Law as Viewed on Its 50th
 * Anniversary", Operations Research 59 (2011), section 4). That is no more than their number times
 * the longest time in the system, spread over the window: the tolerance. A window that begins and
 * ends with an empty system has none, but for rounding and for what the number in the system was
 * sampled with.
 *
 * <p>All times are in one unit, for example seconds, and rates are per that unit.
 *
 * @param arrivalRate requests that arrived in the window over its length, λ
 * @param meanTime the mean time in the system of those requests, W
 * @param meanInSystem the number in the system averaged over the time of the window, counted apart
 *     from the times, L
 * @param tolerance by how much {@code meanInSystem} may differ from {@code arrivalRate * meanTime}
 */
public record LittlesLaw(
    double arrivalRate, double meanTime, double meanInSystem, double tolerance) {
  /** What reading clocks and adding up may lose. */
  private static final double ROUNDING = 1e-3;

  /** How many standard errors of a sampled number in the system the tolerance has. */
  public static final double STANDARD_ERRORS = 4;

  /** Checks the values. */
  public LittlesLaw {
    requireNotNegative(arrivalRate, "an arrival rate");
    requireNotNegative(meanTime, "a mean time");
    requireNotNegative(meanInSystem, "a mean number in the system");
    requireNotNegative(tolerance, "a tolerance");
  }

  /**
   * What a run observed at the edges of its window, from which the tolerance follows.
   *
   * @param length of the window
   * @param inSystemAtStart requests that were in the system when it began
   * @param inSystemAtEnd requests that were in the system when it ended
   * @param longestTime the longest time that any of the run's requests was in the system
   * @param samplingError the standard error of the mean number in the system if it was sampled now
   *     and then; 0 if each arrival and departure was counted
   */
  public record Window(
      double length,
      long inSystemAtStart,
      long inSystemAtEnd,
      double longestTime,
      double samplingError) {
    /** Checks the values. */
    public Window {
      requireNotNegative(longestTime, "a longest time");
      requireNotNegative(samplingError, "a sampling error");
      if (!(length > 0) || inSystemAtStart < 0 || inSystemAtEnd < 0) {
        throw new IllegalArgumentException(
            "Tried to hold a window of length "
                + length
                + " with "
                + inSystemAtStart
                + " requests at its start and "
                + inSystemAtEnd
                + " at its end to Little's law; the length must be positive, the numbers not"
                + " negative.");
      }
    }

    private double tolerance() {
      return (inSystemAtStart + inSystemAtEnd) * longestTime / length
          + STANDARD_ERRORS * samplingError;
    }
  }

  /**
   * Holds a run to the law.
   *
   * @param arrivals requests that arrived in the window
   * @param meanTime their mean time in the system, up to their answer even where that came after
   *     the window
   * @param meanInSystem the number in the system averaged over the time of the window, counted
   *     apart from the times
   * @param window its length and edges
   * @return the check
   * @throws IllegalArgumentException if a value is negative or not a number
   */
  public static LittlesLaw check(
      long arrivals, double meanTime, double meanInSystem, Window window) {
    Objects.requireNonNull(window, "window");
    double expected = arrivals / window.length() * meanTime;
    double tolerance = window.tolerance() + ROUNDING * Math.max(expected, meanInSystem);
    return new LittlesLaw(arrivals / window.length(), meanTime, meanInSystem, tolerance);
  }

  /**
   * Returns the number in the system that the law asks for.
   *
   * @return the arrival rate times the mean time
   */
  public double expectedInSystem() {
    return arrivalRate * meanTime;
  }

  /**
   * Returns whether the law holds.
   *
   * @return whether both sides differ by no more than the tolerance
   */
  public boolean holds() {
    return Math.abs(meanInSystem - expectedInSystem()) <= tolerance;
  }

  /**
   * Says what was found, and where the law is broken what that means.
   *
   * @return one to three sentences
   */
  public String explanation() {
    String found =
        String.format(
            Locale.ROOT,
            "%.4g requests per unit of time stayed %.4g on average, which makes %.4g in the system;"
                + " counted were %.4g, and the window allows for a difference of %.2g.",
            arrivalRate,
            meanTime,
            expectedInSystem(),
            meanInSystem,
            tolerance);
    if (holds()) {
      return "Little's law holds: " + found;
    }
    return "Little's law is broken: "
        + found
        + (meanInSystem > expectedInSystem()
            ? " The recorded times are too short or requests are missing from them: count latency"
                + " from the intended start, and requests that failed or were never answered, too."
            : " The recorded times are too long or the number in the system too low: count requests"
                + " from their intended start on, while they wait for a sender, too.")
        + " No figure of this run can be trusted until both agree.";
  }

  private static void requireNotNegative(double value, String what) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Tried to hold a run with "
              + what
              + " of "
              + value
              + " to Little's law; it must be finite and not negative.");
    }
  }
}

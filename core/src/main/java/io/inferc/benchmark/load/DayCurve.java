package io.inferc.benchmark.load;

/**
 * The rate over a day: the density of von Mises' distribution, the normal distribution of a circle,
 * with the peak at noon. Unlike a sine it takes a peak of any height and never falls to 0.
 */
final class DayCurve {
  private static final int STEPS = 2048;
  private static final double STEEPEST = 1e6;

  private final double mean;
  private final double day;
  private final double steepness;
  private final double scale;

  private DayCurve(double mean, double day, double steepness) {
    this.mean = mean;
    this.day = day;
    this.steepness = steepness;
    scale = 1 / meanOfShape(steepness);
  }

  static DayCurve of(Load.Daily load) {
    return new DayCurve(load.mean(), Schedules.seconds(load.day()), steepness(load.peakRatio()));
  }

  /** Requests a second, so many seconds after midnight. */
  double rateAt(double seconds) {
    return mean * scale * shape(steepness, 2 * Math.PI * seconds / day);
  }

  /** How many requests are to be expected from midnight until then. */
  double requestsUntil(double seconds) {
    double whole = Math.floor(seconds / day);
    double rest = seconds - whole * day;
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
      sum += rateAt((i + 0.5) / STEPS * rest);
    }
    return whole * mean * day + sum * rest / STEPS;
  }

  /** 1 at noon, the least at midnight. */
  private static double shape(double steepness, double angle) {
    return Math.exp(-steepness * (1 + Math.cos(angle)));
  }

  private static double meanOfShape(double steepness) {
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
      sum += shape(steepness, 2 * Math.PI * (i + 0.5) / STEPS);
    }
    return sum / STEPS;
  }

  /** The steepness that makes the peak so many times the mean, by bisection. */
  private static double steepness(double peakRatio) {
    double low = 0;
    double high = STEEPEST;
    for (int i = 0; i < 100; i++) {
      double middle = (low + high) / 2;
      if (1 / meanOfShape(middle) < peakRatio) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

package io.inferc.calibrate;

/**
 * The range that holds a share of the values, the rest cut off half at each end. Bins are kept
 * whole, so an end is out by a bin's width at most.
 *
 * <p>Where values are too few for one of them to be cut off, the share lies beyond what was seen:
 * an end is then moved out as if the values were of a normal distribution, whose ends grow with the
 * root of the logarithm of their number.
 */
final class PercentileRange {
  // Half a bit; fewer values than this allows for say nothing of their distribution.
  private static final double MOST = 1.5;

  private PercentileRange() {}

  static ClipRange of(Distribution values, double percent) {
    double cut = values.total() * (100 - percent) / 200;
    long[] counts = values.counts();
    int first = 0;
    for (long below = counts[0];
        below <= cut && first < counts.length - 1;
        below += counts[first]) {
      first++;
    }
    int last = counts.length - 1;
    for (long above = counts[last]; above <= cut && last > first; above += counts[last]) {
      last--;
    }
    float beyond = (float) beyond((double) values.total(), (100 - percent) / 200);
    return new ClipRange(values.edge(first) * beyond, values.edge(last + 1) * beyond);
  }

  private static double beyond(double values, double tail) {
    boolean resolved = tail == 0 || values * tail >= 1;
    return resolved
        ? 1
        : Math.min(MOST, Math.sqrt(Math.log(tail) / -Math.log(Math.max(2, values))));
  }
}

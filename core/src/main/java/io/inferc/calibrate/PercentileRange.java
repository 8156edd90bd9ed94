package io.inferc.calibrate;

/**
 * The range that holds a share of the values, the rest cut off half at each end. Bins are kept
 * whole, so an end is out by a bin's width at most.
 */
final class PercentileRange {
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
    return new ClipRange(values.edge(first), values.edge(last + 1));
  }
}

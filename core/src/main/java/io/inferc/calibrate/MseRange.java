package io.inferc.calibrate;

/**
 * The window with the smallest mean squared error between values and their image on the grid of 256
 * levels that contains zero, rounding inside and clipping outside counted together. The expectation
 * is taken over the histogram, a bin's values standing at its middle.
 */
final class MseRange {
  private static final int STEPS = 255;
  private static final int SMALLEST = 16;

  private final Distribution values;
  private final double[] middles;

  private MseRange(Distribution values) {
    this.values = values;
    middles = new double[values.counts().length];
    for (int i = 0; i < middles.length; i++) {
      middles[i] = values.middle(i);
    }
  }

  static ClipRange of(Distribution values) {
    return ClipSearch.best(values, SMALLEST, new MseRange(values)::error);
  }

  /** Returns the summed squared error of a window. */
  private double error(int from, int to) {
    double low = Math.min(values.edge(from), 0);
    double high = Math.max(values.edge(to), 0);
    double step = (high - low) / STEPS;
    double perStep = 1 / step;
    double lowest = Math.rint(low * perStep);
    double highest = lowest + STEPS;
    long[] counts = values.counts();
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != 0) {
        double level = Math.rint(middles[i] * perStep);
        double image = Math.max(lowest, Math.min(highest, level)) * step;
        double error = middles[i] - image;
        sum += counts[i] * (error * error);
      }
    }
    return sum;
  }
}

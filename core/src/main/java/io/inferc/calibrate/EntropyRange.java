package io.inferc.calibrate;

/**
 * The window whose 8-bit image loses the least information: the Kullback-Leibler divergence between
 * the clipped distribution and its quantized form, by S. Migacz, "8-bit Inference with TensorRT",
 * GTC 2017. As there, each sign has 128 levels, the values beyond the window count at its ends, and
 * a level's mass is spread evenly over those of its bins that are not empty.
 *
 * <p>Sums from the start to each bin make a candidate cost one logarithm a level, so that hundreds
 * of candidates can be compared.
 */
final class EntropyRange {
  private static final int LEVELS_OF_A_SIGN = 128;

  private final long[] mass;
  private final int[] filled;
  private final double[] massLogMass;
  private final long[] counts;
  private final int levels;
  private final long all;

  private EntropyRange(Distribution values) {
    counts = values.counts();
    int n = counts.length;
    mass = new long[n + 1];
    filled = new int[n + 1];
    massLogMass = new double[n + 1];
    for (int i = 0; i < n; i++) {
      mass[i + 1] = mass[i] + counts[i];
      filled[i + 1] = filled[i] + (counts[i] > 0 ? 1 : 0);
      massLogMass[i + 1] = massLogMass[i] + xLogX(counts[i]);
    }
    all = mass[n];
    boolean bothSigns = values.min() < 0 && values.max() > 0;
    levels = bothSigns ? 2 * LEVELS_OF_A_SIGN : LEVELS_OF_A_SIGN;
  }

  static ClipRange of(Distribution values) {
    EntropyRange entropy = new EntropyRange(values);
    return ClipSearch.best(values, entropy.levels, entropy::divergence);
  }

  /** Returns the cost that {@link #of} minimises. */
  static ClipSearch.Cost cost(Distribution values) {
    return new EntropyRange(values)::divergence;
  }

  private static double xLogX(long x) {
    return x == 0 ? 0 : x * Math.log((double) x);
  }

  private double divergence(int from, int to) {
    long inside = mass[to] - mass[from];
    if (inside == 0) {
      return Double.POSITIVE_INFINITY;
    }
    long below = mass[from];
    long above = all - mass[to];
    double pLogP =
        massLogMass[to]
            - massLogMass[from]
            + (xLogX(counts[from] + below) - xLogX(counts[from]))
            + (xLogX(counts[to - 1] + above) - xLogX(counts[to - 1]));
    double pLogQ = 0;
    int start = from;
    for (int level = 1; level <= levels; level++) {
      int end = from + (int) ((long) (to - from) * level / levels);
      long quantized = mass[end] - mass[start];
      int bins = filled[end] - filled[start];
      long reference = quantized;
      if (level == 1 && below > 0) {
        reference += below;
        bins += counts[from] == 0 ? 1 : 0;
      }
      if (level == levels && above > 0) {
        reference += above;
        bins += counts[to - 1] == 0 ? 1 : 0;
      }
      if (reference > 0) {
        if (quantized == 0) {
          return Double.POSITIVE_INFINITY;
        }
        pLogQ += reference * Math.log((double) quantized / bins);
      }
      start = end;
    }
    return (pLogP - pLogQ) / all - Math.log((double) all) + Math.log((double) inside);
  }
}

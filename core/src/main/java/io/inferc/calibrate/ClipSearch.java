package io.inferc.calibrate;

/**
 * Looks for the window of bins with the lowest cost. First both ends come closer to zero together,
 * which suits symmetric quantization; then each end moves alone, for tensors with a tail on one
 * side. At equal cost the wider window stays.
 */
final class ClipSearch {
  private static final int CANDIDATES = 512;
  private static final int ROUNDS = 3;
  // Sums of rounded logarithms differ by this much without meaning it.
  private static final double NOISE = 1e-9;

  /** Says what it costs to represent the bins from {@code from} to before {@code to} only. */
  interface Cost {
    double of(int from, int to);
  }

  private final Cost cost;
  private final int bins;
  private final int smallest;
  private final int zero;
  private final int step;
  private int from;
  private int to;
  private double best;

  private ClipSearch(Cost cost, Distribution values, int smallest) {
    this.cost = cost;
    this.smallest = smallest;
    bins = values.counts().length;
    zero = values.zero();
    step = Math.max(1, bins / CANDIDATES);
    to = bins;
    best = cost.of(0, bins);
  }

  /**
   * Searches.
   *
   * @param values what is to be clipped
   * @param smallest the fewest bins that the window may have
   * @param cost what a window costs
   * @return the ends of the best window
   */
  static ClipRange best(Distribution values, int smallest, Cost cost) {
    ClipSearch search = new ClipSearch(cost, values, smallest);
    search.run();
    return new ClipRange(values.edge(search.from), values.edge(search.to));
  }

  private void run() {
    if (bins <= smallest) {
      return;
    }
    for (int radius = Math.max(zero, bins - zero); radius > 0; radius -= step) {
      offer(Math.max(0, zero - radius), Math.min(bins, zero + radius));
    }
    int anchor = Math.min(bins, Math.max(0, zero));
    boolean better = true;
    for (int round = 0; better && round < ROUNDS; round++) {
      double before = best;
      for (int t = bins; t > anchor; t -= step) {
        offer(from, t);
      }
      for (int f = 0; f < anchor; f += step) {
        offer(f, to);
      }
      better = best < before;
    }
    // The last bins between two steps.
    if (step > 1) {
      int high = to;
      for (int t = Math.min(bins, high + step - 1); t > high - step; t--) {
        offer(from, t);
      }
      int low = from;
      for (int f = Math.max(0, low - step + 1); f < low + step; f++) {
        offer(f, to);
      }
    }
  }

  private void offer(int f, int t) {
    if (t - f < smallest) {
      return;
    }
    double c = cost.of(f, t);
    if (c < best - NOISE * Math.abs(best)) {
      best = c;
      from = f;
      to = t;
    }
  }
}

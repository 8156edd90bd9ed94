package io.inferc.accuracy;

/** The places of the largest elements of a row. */
final class TopK {
  private TopK() {}

  /** Returns k places, best first; of equal elements the first wins, and NaN comes last. */
  static int[] indices(double[] values, int from, int width, int k) {
    int[] best = new int[k];
    int found = 0;
    for (int i = 0; i < width; i++) {
      int at = found;
      while (at > 0 && beats(values[from + i], values[from + best[at - 1]])) {
        at--;
      }
      if (at < k) {
        int last = Math.min(found, k - 1);
        System.arraycopy(best, at, best, at + 1, last - at);
        best[at] = i;
        found = Math.min(found + 1, k);
      }
    }
    return best;
  }

  private static boolean beats(double a, double b) {
    return a > b || (Double.isNaN(b) && !Double.isNaN(a));
  }

  static int shared(int[] a, int[] b) {
    int shared = 0;
    for (int x : a) {
      for (int y : b) {
        shared += x == y ? 1 : 0;
      }
    }
    return shared;
  }
}

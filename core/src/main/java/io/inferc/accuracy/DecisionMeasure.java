package io.inferc.accuracy;

import io.inferc.tensor.Tensor;
import java.util.Map;

/** Compares what becomes of scores at a threshold, positives and negatives apart. */
final class DecisionMeasure implements TaskMeasure {
  private static final int BLOCK = 1 << 14;

  /** How many of the original's decisions of one kind were counted and kept. */
  private static final class Kept {
    private long all;
    private long same;

    void add(boolean agrees) {
      all++;
      same += agrees ? 1 : 0;
    }

    double fraction() {
      return all == 0 ? 1 : same / (double) all;
    }
  }

  private final double threshold;
  private final double deadBand;
  private final Kept positives = new Kept();
  private final Kept negatives = new Kept();

  DecisionMeasure(double threshold, double deadBand) {
    this.threshold = threshold;
    this.deadBand = deadBand;
  }

  @Override
  public boolean takes(int rank) {
    return true;
  }

  @Override
  public void add(long sample, Tensor original, Tensor compiled, WorstSamples worst) {
    long total = original.elementCount();
    int length = (int) Math.min(BLOCK, total);
    double[] expected = new double[length];
    double[] actual = new double[length];
    Kept yes = new Kept();
    Kept no = new Kept();
    for (long start = 0; start < total; start += length) {
      int count = (int) Math.min(length, total - start);
      original.readDoubles(start, expected, count);
      compiled.readDoubles(start, actual, count);
      for (int i = 0; i < count; i++) {
        // Written so that what is not a number is compared too.
        if (Math.abs(expected[i] - threshold) <= deadBand) {
          continue;
        }
        boolean positive = expected[i] > threshold;
        boolean agrees = positive == actual[i] > threshold;
        (positive ? positives : negatives).add(agrees);
        (positive ? yes : no).add(agrees);
      }
    }
    worst.note(Metric.DECISION_AGREEMENT, sample, Math.min(yes.fraction(), no.fraction()));
  }

  @Override
  public void putInto(Map<Metric, Double> metrics) {
    metrics.put(Metric.DECISION_AGREEMENT, Math.min(positives.fraction(), negatives.fraction()));
  }
}

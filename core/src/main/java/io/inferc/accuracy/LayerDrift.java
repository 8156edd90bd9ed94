package io.inferc.accuracy;

import java.util.Locale;

/**
 * How far one tensor between the layers of a changed model is from the same tensor of the original.
 *
 * @param tensor the tensor's name, the same in both models
 * @param node the name of the original's node that makes it, or the tensor's where it has none
 * @param operator the operator of that node, for example {@code Conv}
 * @param sqnrDb signal to noise in dB over all samples; positive infinity if nothing differs
 * @param meanCosine the mean over the samples of the cosine between both
 * @param minCosine the smallest of those cosines
 * @param lossDb how much of the SQNR was lost since the nearest compared tensors that this one is
 *     made of, in dB, 0 or more: the part that this layer itself has in the error. An SQNR above
 *     {@value #BEST_DB} dB, where single precision ends, counts as that, and one below 0, where
 *     there is more noise than signal, as 0
 * @param worstSample the number of the sample with the smallest SQNR, from 0
 * @param brokenElements NaN and infinite elements that the original does not have
 */
public record LayerDrift(
    String tensor,
    String node,
    String operator,
    double sqnrDb,
    double meanCosine,
    double minCosine,
    double lossDb,
    long worstSample,
    long brokenElements) {
  static final double BEST_DB = 120;

  /** The SQNR as losses are worked out of it. */
  static double bounded(double sqnrDb) {
    return Math.max(0, Math.min(BEST_DB, sqnrDb));
  }

  /** What the layer adds to the noise itself: powers, relative to that of the signal. */
  double addedNoise() {
    double here = bounded(sqnrDb);
    return Math.pow(10, -here / 10) - Math.pow(10, -(here + lossDb) / 10);
  }

  /**
   * Tells whether this tensor is further off than allowed.
   *
   * @param minSqnrDb the least SQNR in dB
   * @param leastCosine the least mean cosine
   * @return true if either is not reached, or there are NaN or infinities of the change's own
   */
  public boolean exceeds(double minSqnrDb, double leastCosine) {
    // Written so that NaN breaks every limit.
    return brokenElements > 0 || !(sqnrDb >= minSqnrDb) || !(meanCosine >= leastCosine);
  }

  /** Returns one line for a person. */
  @Override
  public String toString() {
    return String.format(
            Locale.ROOT,
            "%s (%s): SQNR %s dB, lost here %.1f dB, mean cosine %s, min %s, worst sample %d",
            node,
            operator,
            Double.isInfinite(sqnrDb)
                ? AccuracyReport.number(sqnrDb)
                : String.format(Locale.ROOT, "%.1f", sqnrDb),
            lossDb,
            AccuracyReport.number(meanCosine),
            AccuracyReport.number(minCosine),
            worstSample)
        + (brokenElements == 0 ? "" : ", " + brokenElements + " NaN or infinite");
  }
}

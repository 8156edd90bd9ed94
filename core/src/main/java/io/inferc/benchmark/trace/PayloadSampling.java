package io.inferc.benchmark.trace;

/**
 * Which requests are recorded with the contents of their inputs. Immutable.
 *
 * @param everyNth one of so many by their order, 1 or more; 0 if they are drawn
 * @param share the share that is drawn, from 0 to 1
 * @param seed what the draw depends on
 */
public record PayloadSampling(long everyNth, double share, long seed) {
  public PayloadSampling {
    if (everyNth < 0 || !(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "Tried to record the contents of one of "
              + everyNth
              + " requests, or of the share "
              + share
              + "; give 1 or more, or a share from 0 to 1.");
    }
  }

  /**
   * Takes the first of so many requests, again and again.
   *
   * @param n of how many, 1 or more; 1 takes all
   * @return the sampling
   * @throws IllegalArgumentException if it is less than 1
   */
  public static PayloadSampling every(long n) {
    if (n < 1) {
      throw new IllegalArgumentException(
          "Tried to record the contents of one of " + n + " requests; give 1 or more.");
    }
    return new PayloadSampling(n, 0, 0);
  }

  /**
   * Draws each request by itself, which keeps clear of any rhythm that the requests have.
   *
   * @param share the share to take, from 0 to 1
   * @param seed what the draw depends on
   * @return the sampling
   * @throws IllegalArgumentException if the share is outside its range
   */
  public static PayloadSampling share(double share, long seed) {
    return new PayloadSampling(0, share, seed);
  }

  /** Tells whether a request is taken, by its number from 0 on, without state and object. */
  boolean takes(long index) {
    return everyNth > 0
        ? index % everyNth == 0
        : (SizeArithmetic.mix(seed + index * 0x9E3779B97F4A7C15L) >>> 11) * 0x1p-53 < share;
  }
}

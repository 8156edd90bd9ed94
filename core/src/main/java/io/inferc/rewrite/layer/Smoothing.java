package io.inferc.rewrite.layer;

import io.inferc.rewrite.quantize.SmoothQuant;
import java.util.OptionalDouble;

/**
 * How {@link SmoothQuant} moves outliers of activations into weights.
 *
 * <pre>{@code
 * Precision.int8Dynamic(samples).smoothQuant(Smoothing.best().multiplyFrom(5))
 * }</pre>
 *
 * @param alpha how much of the range is moved, 0 to 1; empty to take what lowers the expected noise
 *     most, for each activation by itself
 * @param leastGain by how many dB the expected noise of a layer must fall to be worth a
 *     multiplication at run time, where nothing before the layer can take the division; infinite
 *     for no multiplications at all
 */
public record Smoothing(OptionalDouble alpha, double leastGain) {
  private static final double HALF_THE_NOISE = 3;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if alpha is not between 0 and 1, or the gain negative
   */
  public Smoothing {
    if (alpha.isPresent() && !(alpha.getAsDouble() >= 0 && alpha.getAsDouble() <= 1)) {
      throw new IllegalArgumentException(
          "Tried to smooth with an alpha of " + alpha.getAsDouble() + "; it takes 0 to 1.");
    }
    if (!(leastGain >= 0)) {
      throw new IllegalArgumentException(
          "Tried to smooth where the noise falls by " + leastGain + " dB; it takes 0 or more.");
    }
  }

  /**
   * Returns the smoothing that lowers the expected noise most, with multiplications from 3 dB on.
   *
   * @return alpha as each activation needs it
   */
  public static Smoothing best() {
    return new Smoothing(OptionalDouble.empty(), HALF_THE_NOISE);
  }

  /**
   * Returns smoothing by one alpha for all activations where it helps, with multiplications from 3
   * dB on.
   *
   * @param alpha how much of the range is moved: 0 for nothing of the activations', 1 for all; the
   *     paper has 0.5
   * @return that alpha for all activations
   * @throws IllegalArgumentException if it is not between 0 and 1
   */
  public static Smoothing withAlpha(double alpha) {
    return new Smoothing(OptionalDouble.of(alpha), HALF_THE_NOISE);
  }

  /**
   * Says what a multiplication at run time must be worth. The more, the faster the model and the
   * less is smoothed: on all-MiniLM-L6-v2 with dynamic scales, 3 dB make 21 multiplications and
   * cost 5 % of the speed for a mean cosine of 0.997, 5 dB make 10 and cost none that could be
   * measured for 0.996, against 0.994 without.
   *
   * @param decibel by how much the expected noise of a layer must fall; infinite for no
   *     multiplications
   * @return a copy
   * @throws IllegalArgumentException if it is negative or no number
   */
  public Smoothing multiplyFrom(double decibel) {
    return new Smoothing(alpha, decibel);
  }
}

package io.inferc.calibrate;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of each channel of a tensor: the means that bias correction needs, the magnitudes
 * that SmoothQuant balances, and the mean squares that say what rounding weights will cost.
 *
 * <p>Immutable.
 */
public final class ChannelStatistics {
  private final int axis;
  private final float[] means;
  private final float[] meanSquares;
  private final float[] absMaxima;

  /**
   * Creates statistics.
   *
   * @param axis the axis of the channels, counted from the end: -1 is the last
   * @param means the mean of each channel over all samples and positions
   * @param meanSquares the mean of the squares of each channel
   * @param absMaxima the largest magnitude of each channel
   * @throws IllegalArgumentException if the lengths differ, a number is not finite, or the axis is
   *     not negative
   */
  public ChannelStatistics(int axis, float[] means, float[] meanSquares, float[] absMaxima) {
    if (axis >= 0 || means.length != absMaxima.length || means.length != meanSquares.length) {
      throw new IllegalArgumentException(
          "Tried to describe channels of axis "
              + axis
              + " by "
              + means.length
              + " means, "
              + meanSquares.length
              + " mean squares and "
              + absMaxima.length
              + " magnitudes; it takes an axis below 0, and as many of each.");
    }
    this.axis = axis;
    this.means = means.clone();
    this.meanSquares = meanSquares.clone();
    this.absMaxima = absMaxima.clone();
    for (int i = 0; i < means.length; i++) {
      if (!Float.isFinite(means[i])
          || !Float.isFinite(absMaxima[i])
          || !(meanSquares[i] >= 0 && Float.isFinite(meanSquares[i]))) {
        throw new IllegalArgumentException(
            "Tried to describe channel "
                + i
                + " by the mean "
                + means[i]
                + ", the mean square "
                + meanSquares[i]
                + " and the magnitude "
                + absMaxima[i]
                + "; it takes finite numbers, and a mean square of 0 or more.");
      }
      // Zero has no sign here, so that equal statistics are equal in memory and in files.
      this.means[i] += 0f;
      this.meanSquares[i] += 0f;
      this.absMaxima[i] += 0f;
    }
  }

  /**
   * Returns the axis of the channels.
   *
   * @return counted from the end: -1 is the last
   */
  public int axis() {
    return axis;
  }

  /**
   * Returns the mean of each channel.
   *
   * @return a copy, one value a channel
   */
  public float[] means() {
    return means.clone();
  }

  /**
   * Returns the mean of the squares of each channel.
   *
   * @return a copy, one value a channel
   */
  public float[] meanSquares() {
    return meanSquares.clone();
  }

  /**
   * Returns the largest magnitude of each channel.
   *
   * @return a copy, one value a channel
   */
  public float[] absMaxima() {
    return absMaxima.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChannelStatistics s
        && s.axis == axis
        && Arrays.equals(s.means, means)
        && Arrays.equals(s.meanSquares, meanSquares)
        && Arrays.equals(s.absMaxima, absMaxima);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        axis, Arrays.hashCode(means), Arrays.hashCode(meanSquares), Arrays.hashCode(absMaxima));
  }

  /** Returns for example {@code 384 channels of axis -1}. */
  @Override
  public String toString() {
    return means.length + " channels of axis " + axis;
  }
}

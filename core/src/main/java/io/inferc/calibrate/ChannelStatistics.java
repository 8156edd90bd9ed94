package io.inferc.calibrate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of each channel of a tensor: the means that bias correction needs, and the
 * magnitudes that SmoothQuant balances.
 *
 * <p>Immutable.
 */
public final class ChannelStatistics {
  private final int axis;
  private final float[] means;
  private final float[] absMaxima;

  /**
   * Creates statistics.
   *
   * @param axis the axis of the channels, counted from the end: -1 is the last
   * @param means the mean of each channel over all samples and positions
   * @param absMaxima the largest magnitude of each channel
   * @throws IllegalArgumentException if the lengths differ, a number is not finite, or the axis is
   *     not negative
   */
  public ChannelStatistics(int axis, float[] means, float[] absMaxima) {
    if (axis >= 0 || means.length != absMaxima.length) {
      throw new IllegalArgumentException(
          "Tried to describe channels of axis "
              + axis
              + " by "
              + means.length
              + " means and "
              + absMaxima.length
              + " magnitudes; it takes an axis below 0, and as many of one as of the other.");
    }
    this.axis = axis;
    this.means = means.clone();
    this.absMaxima = absMaxima.clone();
    for (int i = 0; i < means.length; i++) {
      if (!Float.isFinite(means[i]) || !Float.isFinite(absMaxima[i])) {
        throw new IllegalArgumentException(
            "Tried to describe channel "
                + i
                + " by the mean "
                + means[i]
                + " and the magnitude "
                + absMaxima[i]
                + "; it takes finite numbers.");
      }
      // Zero has no sign here, so that equal statistics are equal in memory and in files.
      this.means[i] += 0f;
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
        && Arrays.equals(s.absMaxima, absMaxima);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * axis + Arrays.hashCode(means)) + Arrays.hashCode(absMaxima);
  }

  /** Returns for example {@code 384 channels of axis -1}. */
  @Override
  public String toString() {
    return means.length + " channels of axis " + axis;
  }
}
